// What pandoc and gnuplot make of a report; both are optional at run time.

#include "harness/record/run_folder.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

TEST_CASE("the HTML embeds the figure with its caption and refers to no other file") {
  TemporaryFolder results;
  const auto r = reported(results.path(), ladder_run());
  const auto written = write_report(r.run, r.report, {}, templates_folder());
  REQUIRE(written);
  if (!written->html || !written->svg) {
    WARN("SKIPPED: " << (written->notices.empty() ? "" : written->notices.front()));
    return;
  }
  const auto html = record::read_file(*written->html);
  REQUIRE(html);
  CHECK(html->find("data:image/svg+xml") != std::string::npos);
  CHECK(html->find("<figcaption") != std::string::npos);
  CHECK(html->find("src=\"ladder.svg\"") == std::string::npos);
  CHECK(html->find("<link") == std::string::npos);
  CHECK(html->find("class=\"interval\"") != std::string::npos);
}

TEST_CASE("markup and images in a run folder from elsewhere stay text in the HTML") {
  FakeRun fake = comparison_run();
  fake.more_manifest["question"] = "<script>alert(1)</script> ![x](file:///etc/hostname) [y](javascript:z)";
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto written = write_report(r.run, r.report, {}, templates_folder());
  REQUIRE(written);
  if (!written->html) {
    WARN("SKIPPED: " << (written->notices.empty() ? "" : written->notices.front()));
    return;
  }
  const auto html = record::read_file(*written->html);
  REQUIRE(html);
  CHECK(html->find("<script") == std::string::npos);
  CHECK(html->find("alert(1)") != std::string::npos);
  CHECK(html->find("href=\"javascript") == std::string::npos);
  CHECK(html->find("alt=\"x\"") == std::string::npos);
}

}  // namespace assay::reports::test
