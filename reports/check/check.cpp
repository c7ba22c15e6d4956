#include "reports/check/check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "harness/plan/project_file.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/blocks.hpp"

namespace assay::reports::check {

namespace {

namespace fs = std::filesystem;

bool is_document(const fs::path& file) {
  const std::string extension = file.extension().string();
  return extension == ".md" || extension == ".tex" || extension == ".markdown";
}

bool is_regular(const fs::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string shown(const fs::path& path, const fs::path& root) {
  const std::string relative = path.lexically_relative(root).generic_string();
  return relative == "." ? "" : relative;
}

/// Markdown and LaTeX files that may hold blocks: not those that runs wrote themselves, nor those of build and package folders.
std::vector<fs::path> documents_below(const fs::path& root, const std::vector<CheckedRun>& runs) {
  std::vector<fs::path> found;
  std::error_code failed;
  std::size_t entries = 0;
  constexpr std::size_t kMostEntries = 100'000;
  constexpr int kDeepest = 8;
  for (fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, failed), end; !failed && it != end && ++entries <= kMostEntries; it.increment(failed)) {
    struct stat status {};
    if (::lstat(it->path().c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) {
      const std::string name = it->path().filename().string();
      const bool is_run = std::any_of(runs.begin(), runs.end(), [&](const CheckedRun& run) { return run.folder == it->path(); });
      if (is_run || name == ".git" || name == "node_modules" || name == "build" || name == ".venv" || it.depth() >= kDeepest) it.disable_recursion_pending();
    } else if (S_ISREG(status.st_mode) && is_document(it->path())) {
      found.push_back(it->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether a document has blocks or values, or markers that can't be understood.
bool has_blocks(const fs::path& document) {
  constexpr std::uintmax_t kLargest = 64 << 20;
  const auto text = record::read_file(document, kLargest);
  if (!text || text->find("assay:") == std::string::npos) return false;
  const auto blocks = find_blocks(*text, "", syntax_of(document.string()));
  return !blocks || !blocks->empty();
}

class Checking {
public:
  Checking(const CheckOptions& options, const Templates& templates) : options_(options), templates_(templates) {}

  Checked run(const fs::path& folder) {
    checked_.kind = PathKind::run;
    add_runs({folder}, folder);
    return std::move(checked_);
  }

  Checked report(const fs::path& document) {
    checked_.kind = PathKind::report;
    const fs::path folder = document.has_parent_path() ? document.parent_path() : fs::path(".");
    add_runs(run_folders_below(runs_of(folder)), folder);
    add_document(document, document.filename().string());
    return std::move(checked_);
  }

  Checked repository(const fs::path& root) {
    checked_.kind = PathKind::repository;
    add_runs(run_folders_below(root), root);
    for (const fs::path& document : documents_below(root, checked_.runs)) {
      if (has_blocks(document)) add_document(document, shown(document, root));
    }
    return std::move(checked_);
  }

private:
  /// Where the runs of a document stand: below the project that it belongs to, else beside it.
  static fs::path runs_of(const fs::path& folder) {
    const auto project = plan::project_folder_above(folder);
    return project ? *project : folder;
  }

  void add_runs(const std::vector<fs::path>& folders, const fs::path& root) {
    for (const fs::path& folder : folders) {
      if (checked_.runs.size() >= options_.most_runs) break;
      checked_.runs.push_back(check_run(folder, templates_, options_.limits));
      const std::string at = shown(folder, root);
      for (Finding finding : checked_.runs.back().findings) {
        if (!at.empty()) finding.file = finding.file.empty() ? at : fmt::format("{}/{}", at, finding.file);
        checked_.findings.push_back(std::move(finding));
      }
    }
  }

  void add_document(const fs::path& document, const std::string& name) {
    CheckedDocument one = check_document(document, name, checked_.runs, templates_);
    checked_.documents.push_back(name);
    checked_.blocks += one.blocks;
    checked_.agreeing += one.agreeing;
    checked_.figures += one.figures;
    for (Finding& finding : one.findings) checked_.findings.push_back(std::move(finding));
  }

  const CheckOptions& options_;
  const Templates& templates_;
  Checked checked_;
};

}  // namespace

std::string_view name_of(PathKind kind) {
  return kind == PathKind::run ? "run" : kind == PathKind::report ? "report" : "repository";
}

bool Checked::ok() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& f) { return f.severity == Severity::error; });
}

Result<Checked> check_path(const fs::path& path, const CheckOptions& options, const Templates& templates) {
  std::error_code failed;
  const fs::path target = fs::weakly_canonical(path, failed);
  if (failed || !fs::exists(target, failed)) return Error{fmt::format("{}: there is nothing; name a run folder, a report or a repository", path.string())};
  if (is_regular(target)) {
    if (!is_document(target)) return Error{fmt::format("{}: neither a folder nor a report (.md, .tex)", path.string())};
    return Checking(options, templates).report(target);
  }
  if (!fs::is_directory(target, failed)) return Error{fmt::format("{}: neither a folder nor a file", path.string())};
  return is_run_folder(target) ? Checking(options, templates).run(target) : Checking(options, templates).repository(target);
}

}  // namespace assay::reports::check
