// Figures of papers: what a file of them may hold, and the one message that says what it may not.
#include "harness/plan/published.hpp"

#include <string>

#include "tests/catch.hpp"

using assay::plan::parse_published;

namespace {

std::string error_of(const std::string& text) {
  const auto published = parse_published(text, "paper.toml");
  return published ? "" : published.error().message;
}

}  // namespace

TEST_CASE("rows keep their values as printed, whole numbers and text among them, in the order of the file") {
  const auto published = parse_published(R"(
source = "A paper"
along = "version"
[[row]]
version = "b"
time_s = 2.5
threads = 36
label = "plus vectorization"
[[row]]
version = "a"
)", "paper.toml");
  REQUIRE(published);
  CHECK((*published)["source"] == "A paper");
  CHECK((*published)["along"] == "version");
  REQUIRE((*published)["rows"].size() == 2);
  CHECK((*published)["rows"][0] == assay::Json{{"version", "b"}, {"time_s", 2.5}, {"threads", 36}, {"label", "plus vectorization"}});
  CHECK((*published)["rows"][1] == assay::Json{{"version", "a"}});
}

TEST_CASE("a file of published figures that can't be used is one message with its line") {
  CHECK(error_of("[[row]]\nversion = 1\n") == "paper.toml:1: 'along' is missing; name the factor whose levels the rows stand for");
  CHECK(error_of("along = 3\n") == "paper.toml:1: 'along' is missing; name the factor whose levels the rows stand for");
  CHECK(error_of("along = \"version\"\n") == "paper.toml:1: no [[row]]; give at least one");
  CHECK(error_of("along = \"version\"\n[[row]]\ntime_s = 1\n") ==
        "paper.toml:2: a [[row]] without 'version', the factor that 'along' names");
  CHECK(error_of("along = \"v\"\n[[row]]\nv = 1\ntime_s = nan\n") == "paper.toml:4: 'time_s' must be text or a finite number");
  CHECK(error_of("along = \"v\"\n[[row]]\nv = 1\ntime_s = [1]\n") == "paper.toml:4: 'time_s' must be text or a finite number");
  CHECK_THAT(error_of("along = \n"), Catch::Matchers::StartsWith("paper.toml:1: "));
}
