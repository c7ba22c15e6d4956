// A course as data: what its file may hold, and the one message that says what it may not.
#include "harness/plan/course.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/catch.hpp"

using namespace assay::plan;

namespace {

std::string error_of(const std::string& text) {
  const auto course = parse_course(text, "c.toml");
  return course ? "" : course.error().message;
}

const std::filesystem::path kCourses = ASSAY_COURSES;

}  // namespace

TEST_CASE("the courses that come with Assay read, and hold every deliverable") {
  const auto names = courses_in(kCourses);
  REQUIRE(names == std::vector<std::string>{"csce585-2024", "csce585-2025", "paper"});
  for (const std::string& name : names) {
    const auto course = find_course(name, kCourses, ".");
    INFO(name);
    REQUIRE(course);
    CHECK(course->name == name);
    for (const char* deliverable : {"readme", "idea", "proposal", "design", "milestone", "report", "slides"}) {
      INFO(deliverable);
      REQUIRE(course->find(deliverable));
      CHECK_FALSE(course->find(deliverable)->sections.empty());
    }
  }
}

TEST_CASE("a year differs from another in data alone") {
  const auto before = find_course("csce585-2024", kCourses, ".");
  const auto after = find_course("csce585-2025", kCourses, ".");
  REQUIRE(before);
  REQUIRE(after);
  CHECK(before->find("report")->pages == std::pair{6, 8});
  CHECK(after->find("report")->pages == std::pair{8, 10});
  const auto has_lock = [](const Course& course) {
    return std::any_of(course.files.begin(), course.files.end(), [](const RequiredFile& f) { return f.path == "uv.lock" && f.where == "*.py"; });
  };
  CHECK_FALSE(has_lock(*before));
  CHECK(has_lock(*after));
  int points = 0;
  for (const RubricLine& line : after->rubric) points += line.part == "P2 final" ? line.points : 0;
  CHECK(points == 60);
}

TEST_CASE("a course file that can't be used is one message with its line") {
  CHECK(error_of("") == "c.toml:1: a course file has no 'title'; write e.g. title = \"CSCE 585: Machine Learning Systems, fall 2025\"");
  CHECK_THAT(error_of("title = \"t\"\n[[file]]\nwhy = \"w\"\n"), Catch::Matchers::StartsWith("c.toml:2: [[file]] has no 'path'"));
  CHECK_THAT(error_of("title = \"t\"\n[[file]]\npath = \"../x\"\n"), Catch::Matchers::StartsWith("c.toml:3: 'path' in [[file]] is \"../x\""));
  CHECK_THAT(error_of("title = \"t\"\nfile = 3\n"), Catch::Matchers::StartsWith("c.toml:2: 'file' is an integer"));
  CHECK_THAT(error_of("title = \"t\"\n[[deliverable]]\nname = \"a\"\ntitle = \"A\"\nfile = \"a.md\"\npages = [2, 1]\n"),
             Catch::Matchers::StartsWith("c.toml:6: 'pages' in [[deliverable]] is [2, 1]"));
  CHECK_THAT(error_of("title = \"t\"\n[[rubric]]\ntext = \"x\"\nevidence = [\"ablatoin\"]\n"), Catch::Matchers::Contains("did you mean 'ablation'?"));
  const std::string one = "[[deliverable]]\nname = \"a\"\ntitle = \"A\"\nfile = \"a.md\"\n";
  CHECK_THAT(error_of("title = \"t\"\n" + one + one), Catch::Matchers::Contains("stands here twice"));
  CHECK(error_of("title = \"t\"\n" + one + "[[deliverable.section]]\nheading = \"H\"\n[[rubric]]\ntext = \"x\"\nevidence = [\"section a H\"]\n").empty());
}

TEST_CASE("a course that is no file and no name lists those there are") {
  const auto course = find_course("csce585-2026", kCourses, ".");
  REQUIRE_FALSE(course);
  CHECK_THAT(course.error().message, Catch::Matchers::Contains("csce585-2025"));
}
