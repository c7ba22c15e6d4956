// assay.toml: defaults, and paths that must stay below its folder.
#include "harness/plan/project_file.hpp"

#include <fstream>
#include <string>

#include "tests/catch.hpp"
#include "tests/harness/plan/scratch_folder.hpp"

using namespace assay::plan;

namespace {

std::string error_of(const std::string& text) {
  const auto project = parse_project_file(text, "assay.toml");
  return project ? "" : project.error().message;
}

}  // namespace

TEST_CASE("an empty assay.toml is a project with nothing but defaults") {
  const auto project = parse_project_file("", "assay.toml");
  REQUIRE(project);
  CHECK(project->results == "results");
  CHECK(project->report == "report.md");
  CHECK(project->course.empty());
}

TEST_CASE("a project says where its runs and its report stand") {
  const auto project = parse_project_file("[project]\ncourse = \"csce585-2025\"\nteam = \"a-b\"\nresults = \"data/runs\"\nreport = \"doc/r.md\"\n", "assay.toml");
  REQUIRE(project);
  CHECK(project->results_folder() == "data/runs");
  CHECK(project->report_file() == "doc/r.md");
}

TEST_CASE("a project's paths lead nowhere but below it") {
  for (const char* path : {"../x", "/x", "a/../../b", "a\\\\b"}) {
    INFO(path);
    CHECK_THAT(error_of("[project]\nresults = \"" + std::string(path) + "\"\n"), Catch::Matchers::StartsWith("assay.toml:2: 'results' in [project] is "));
  }
  CHECK_THAT(error_of("[project]\nteam = \"a b\"\n"), Catch::Matchers::Contains("it names a folder and a branch"));
  CHECK_THAT(error_of("[project]\nreprot = \"x\"\n"), Catch::Matchers::Contains("did you mean 'report'?"));
}
