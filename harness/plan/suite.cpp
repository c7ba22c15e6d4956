#include "harness/plan/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

namespace {

namespace fs = std::filesystem;

/// {libexec} and {suite}; {experiment} stays until an experiment is loaded.
std::string with_places(std::string_view text, const fs::path& folder, const Places& places) {
  return filled(text, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "libexec" && !places.libexec.empty()) return places.libexec.string();
    if (name == "suite") return folder.string();
    return std::nullopt;
  });
}

/// "file:data/x" means a file of the suite.
std::string with_whole_path(const std::string& requirement, const fs::path& folder, const Places& places) {
  const std::string text = with_places(requirement, folder, places);
  if (!text.starts_with("file:")) return text;
  return fmt::format("file:{}", (folder / text.substr(5)).lexically_normal().string());
}

std::vector<fs::path> experiments_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator it(folder / "experiments", failure), end; !failure && it != end;
       it.increment(failure)) {
    std::error_code of_file;
    if (it->path().extension() == ".toml" && it->is_regular_file(of_file)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> stems_of(const std::vector<fs::path>& files) {
  std::vector<std::string> stems;
  for (const fs::path& file : files) stems.push_back(file.stem().string());
  return stems;
}

void read_suite(const Section& root, Suite& suite, Mistakes& mistakes) {
  const document::Table* table = root.table("suite", "[suite]");
  if (!table) {
    mistakes.add(1, "there is no [suite]; begin with it, e.g. [suite] with name = \"matmul-ladder\"");
    return;
  }
  const Section section(*table, root.line_of("suite"), "[suite]", {"name", "title", "main", "requires"},
                        mistakes);
  const auto name = section.text("name", "name = \"matmul-ladder\"");
  if (!name) {
    mistakes.add(section.line(), "[suite] has no name; give it one, e.g. name = \"matmul-ladder\"");
  } else if (!is_plain_name(*name, true)) {
    section.wrong("name", fmt::format("is {}", document::in_quotes(*name)),
                  "use letters, digits, '_', '-' and '.', e.g. name = \"matmul-ladder\"");
  } else {
    suite.name = *name;
  }
  suite.title = section.text("title", "title = \"From Python to AVX\"").value_or("");
  suite.requirements =
      section.texts("requires", "requires = [\"program:java\"]").value_or(std::vector<std::string>());
  for (const std::string& requirement : suite.requirements) {
    if (const auto problem = requirement_problem(requirement)) {
      section.wrong("requires", fmt::format("holds {}", document::in_quotes(requirement)), *problem);
    }
  }
  const auto stems = stems_of(suite.experiments);
  suite.main_experiment =
      section.text("main", "main = \"ladder\"").value_or(stems.size() == 1 ? stems.front() : "");
  if (section.find("main") && std::find(stems.begin(), stems.end(), suite.main_experiment) == stems.end()) {
    section.wrong(
        "main",
        fmt::format("is {}, which is no file of experiments/", document::in_quotes(suite.main_experiment)),
        suggestion(suite.main_experiment, stems, "it is one of"));
  }
}

void read_suite_workers(const Section& root, Suite& suite, Mistakes& mistakes) {
  const document::Table* workers = root.table("workers", "[workers.main]");
  if (!workers) return;
  for (const auto& [name, line, node] : workers->entries) {
    const document::Table* table = node.table();
    if (!table || !is_plain_name(name, true)) {
      mistakes.add(
          line, fmt::format("[workers] holds {}; write a table under each worker's name, e.g. [workers.main] "
                            "with a command",
                            document::in_quotes(name)));
      return;
    }
    suite.workers.push_back(read_worker(*table, line, fmt::format("[workers.{}]", name), name,
                                        {"command", "folder", "when", "requires"}, mistakes));
  }
}

}  // namespace

std::string Suite::experiment_name(const fs::path& file) const {
  return fmt::format("{}/{}", name, file.stem().string());
}

Result<Suite> load_suite(const fs::path& folder, const Places& places) {
  const std::string file = (folder / "suite.toml").string();
  const auto text = document::read_text(file);
  if (!text) return text.error();
  const auto parsed = document::parse(*text, file);
  if (!parsed) return parsed.error();

  Suite suite;
  suite.folder = fs::absolute(folder).lexically_normal();
  suite.experiments = experiments_in(suite.folder);
  Mistakes mistakes(file);
  const Section root(*parsed, 1, "the file", {"suite", "workers"}, mistakes);
  read_suite(root, suite, mistakes);
  if (mistakes.none()) read_suite_workers(root, suite, mistakes);
  if (!mistakes.none()) return mistakes.first();
  for (std::string& requirement : suite.requirements) {
    requirement = with_whole_path(requirement, suite.folder, places);
  }
  for (WorkerSpec& worker : suite.workers) {
    for (std::string& argument : worker.command) argument = with_places(argument, suite.folder, places);
    worker.folder = with_places(worker.folder, suite.folder, places);
    for (std::string& requirement : worker.requirements) {
      requirement = with_whole_path(requirement, suite.folder, places);
    }
  }
  return suite;
}

FoundSuites find_suites(const Places& places) {
  FoundSuites found;
  std::set<std::string> names;
  const auto consider = [&](const fs::path& folder) {
    auto suite = load_suite(folder, places);
    if (!suite) {
      found.broken.push_back(suite.error().message);
    } else if (names.insert(suite->name).second) {
      found.suites.push_back(*std::move(suite));
    }
  };
  const auto is_suite = [](const fs::path& folder) {
    std::error_code failure;
    return fs::is_regular_file(folder / "suite.toml", failure);
  };
  for (const fs::path& path : places.suite_paths) {
    if (is_suite(path)) consider(path);  // the path of one suite does as well
    std::vector<fs::path> folders;
    std::error_code failure;
    for (fs::directory_iterator it(path, failure), end; !failure && it != end; it.increment(failure)) {
      if (is_suite(it->path())) folders.push_back(it->path());
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) consider(folder);
  }
  std::sort(found.suites.begin(), found.suites.end(),
            [](const Suite& a, const Suite& b) { return a.name < b.name; });
  return found;
}

Result<fs::path> find_experiment(std::string_view name, const Places& places) {
  std::error_code failure;
  const fs::path path(name);
  if (!name.empty() && fs::is_regular_file(path, failure)) return path;
  if (name.ends_with(".toml")) {
    if (fs::is_directory(path, failure))
      return Error{fmt::format("{}: is a folder; name a file in it", name)};
    return Error{fmt::format("{}: no such file; `assay list` shows the experiments there are", name)};
  }
  const FoundSuites found = find_suites(places);
  std::vector<std::string> names;
  for (const Suite& suite : found.suites) {
    if (!suite.main_experiment.empty()) names.push_back(suite.name);
    for (const fs::path& file : suite.experiments) {
      names.push_back(suite.experiment_name(file));
      if (names.back() == name) return file;
      if (suite.name == name && file.stem() == suite.main_experiment) return file;
    }
    if (suite.name == name) {
      return Error{fmt::format(
          "suite '{}' has no main experiment; name one of {}, or add main to its suite.toml", name,
          suite.experiments.empty() ? "its experiments (it has none)" : listed(stems_of(suite.experiments)))};
    }
  }
  const auto near = nearest(name, names);
  const std::string broken =
      found.broken.empty() ? "" : fmt::format(" (a suite couldn't be read: {})", found.broken.front());
  if (fs::is_directory(path, failure)) {
    return Error{fmt::format(
        "{}: is a folder; name an experiment file in it, or one of those that `assay list` shows{}", name,
        broken)};
  }
  return Error{fmt::format("no experiment {}; {}`assay list` shows those there are, and a path works too{}",
                           document::in_quotes(name), near ? fmt::format("did you mean '{}'? ", *near) : "",
                           broken)};
}

}  // namespace assay::plan
