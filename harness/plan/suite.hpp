// A suite: a folder with suite.toml, experiments/*.toml and the code they measure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/experiment.hpp"

namespace assay::plan {

struct Suite {
  std::string name;
  std::string title;
  std::string main_experiment;  // a stem under experiments/
  std::filesystem::path folder;
  std::vector<std::string> requirements;  // all that `assay list` looks at
  std::vector<WorkerSpec> workers;
  std::vector<std::filesystem::path> experiments;  // sorted files

  std::string experiment_name(const std::filesystem::path& file) const;  // "<suite>/<stem>"
};

Result<Suite> load_suite(const std::filesystem::path& folder, const Places& places);

/// Every suite under the search paths, first found wins, sorted by name. Folders whose suite.toml is broken
/// are given by their message, so that `list` can show them.
struct FoundSuites {
  std::vector<Suite> suites;
  std::vector<std::string> broken;
};
FoundSuites find_suites(const Places& places);

/// EXPERIMENT of the command line → file: a path, "suite", "suite/stem". The error lists close names.
Result<std::filesystem::path> find_experiment(std::string_view name, const Places& places);

/// Checks "cpu:avx512f", "program:java", "file:/…" on this machine. `missing` is the reason, with the remedy.
struct Requirement {
  std::string text;
  std::optional<std::string> missing;
};
Requirement check_requirement(std::string_view text);

}  // namespace assay::plan
