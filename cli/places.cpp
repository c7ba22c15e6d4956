#include "cli/places.hpp"

#include <cstdlib>
#include <sstream>
#include <system_error>

#include "harness/data/stored_dataset.hpp"
#include "harness/plan/project_file.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

AllPlaces find_places(const std::vector<std::string>& suites_option) {
  std::error_code ignored;
  AllPlaces places;
  places.executable = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path prefix = places.executable.parent_path().parent_path();
  places.plan.libexec = prefix / "libexec" / "assay";
  places.plan.cache = data::cache_folder();
  places.templates = prefix / "share" / "assay" / "templates";

  auto& paths = places.plan.suite_paths;
  for (const std::string& given : suites_option) paths.push_back(fs::absolute(given, ignored));
  for (fs::path folder = fs::current_path(ignored); !folder.empty(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "suites", ignored)) paths.push_back(folder / "suites");
    if (folder == folder.root_path()) break;
  }
  if (const char* variable = std::getenv("ASSAY_SUITE_PATH")) {
    std::istringstream parts(variable);
    for (std::string part; std::getline(parts, part, ':');) {
      if (!part.empty()) paths.push_back(part);
    }
  }
  paths.push_back(prefix / "share" / "assay" / "suites");
  return places;
}

Result<fs::path> default_results() {
  std::error_code ignored;
  const fs::path here = fs::current_path(ignored);
  const auto folder = plan::project_folder_above(here);
  if (!folder) return here / "results";
  const auto project = plan::load_project_file(*folder);
  if (!project) return project.error();
  return project->results_folder();
}

}  // namespace assay::cli
