// RUN of the command line: which folder is meant.
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "harness/record/run_record.hpp"

namespace assay::record {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kShown = 8;  // candidates in a message

/// A run below results/, and the name of its experiment: the path between the two.
struct Found {
  fs::path folder;
  std::string experiment;
  std::string name() const { return folder.filename().string(); }
};

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "experiment.toml", ignored);
}

/// Runs stand at results/<experiment>/<run>, an experiment of a suite being two folders deep.
void collect(const fs::path& folder, const std::string& experiment, int depth, std::vector<Found>& runs) {
  constexpr int kDeepest = 4;
  if (depth > kDeepest) return;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (!entry.is_directory(ignored)) continue;
    const std::string name = entry.path().filename().string();
    if (depth > 0 && is_run(entry.path())) {
      runs.push_back({entry.path(), experiment});
    } else {
      collect(entry.path(), experiment.empty() ? name : experiment + "/" + name, depth + 1, runs);
    }
  }
}

/// Folder names begin with the UTC time, so that the newest run is the last by name.
bool older(const Found& a, const Found& b) {
  return std::pair(a.name(), a.experiment) < std::pair(b.name(), b.experiment);
}

std::string listed(const std::vector<Found>& runs) {
  std::string text;
  for (std::size_t i = runs.size(); i > 0 && runs.size() - i < kShown; --i) {
    text += fmt::format("\n  {}/{}", runs[i - 1].experiment, runs[i - 1].name());
  }
  if (runs.size() > kShown) text += fmt::format("\n  … and {} older ones", runs.size() - kShown);
  return text;
}

}  // namespace

std::string run_name(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

std::vector<fs::path> runs_of(std::string_view experiment, const fs::path& results) {
  std::vector<Found> runs;
  collect(results, "", 0, runs);
  std::sort(runs.rbegin(), runs.rend(), older);
  std::vector<fs::path> folders;
  for (const Found& run : runs) {
    if (run.experiment == experiment) folders.push_back(run.folder);
  }
  return folders;
}

Result<fs::path> find_run(std::string_view name, const fs::path& results) {
  if (!name.empty() && is_run(fs::path(name))) return fs::path(name);
  std::vector<Found> runs;
  collect(results, "", 0, runs);
  std::sort(runs.begin(), runs.end(), older);
  if (runs.empty()) {
    return Error{fmt::format("{}: no run; make one with: assay run EXPERIMENT", results.string())};
  }
  if (name == "latest") return runs.back().folder;

  std::vector<Found> matching;
  for (const Found& run : runs) {
    if (run.experiment == name) matching.push_back(run);
  }
  if (!matching.empty()) return matching.back().folder;
  if (!name.empty()) {
    for (const Found& run : runs) {
      if (run.name().starts_with(name) || (run.experiment + "/" + run.name()).starts_with(name)) matching.push_back(run);
    }
  }
  if (matching.size() == 1) return matching.front().folder;
  if (!matching.empty()) {
    return Error{fmt::format("'{}' begins the names of {} runs; give more of one:{}", name, matching.size(),
                             listed(matching))};
  }
  return Error{fmt::format("'{}' is no run, no experiment that was run and no beginning of a run's name; there are:{}", name,
                           listed(runs))};
}

}  // namespace assay::record
