// What makes a table's rounds or blocks suspicious reaches the reader as a warning; an ordinary table has
// none.
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

FakeRun pair_run(const std::function<double(const Place&)>& factor, int rounds = 7, int quads = 8) {
  FakeRun fake;
  fake.rounds = rounds;
  fake.quads = quads;
  fake.seconds = [factor](const Place& p) {
    return 1e-3 * (p.treatment == 1 ? 0.5 : 1) * factor(p) * noise(p, 0.01);
  };
  return fake;
}

std::vector<std::string> texts(const Reported& r, const std::string& kind) {
  std::vector<std::string> found;
  for (const Warning& w : r.report.warnings) {
    if (w.kind == kind) found.push_back(w.text);
  }
  return found;
}

}  // namespace

TEST_CASE("an ordinary table has no such warning") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run([](const Place&) { return 1.0; }));
  for (const char* kind : {"trend", "autocorrelated", "bimodal"}) CHECK(texts(r, kind).empty());
  REQUIRE(r.report.cells[0].effective_blocks);
  CHECK(*r.report.cells[0].effective_blocks > 0.5 * 7 * 16);
  CHECK(*r.report.cells[0].effective_blocks <= 7 * 16);
}

TEST_CASE("a machine that slows down is a trend of the rows and of no ratio") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run([](const Place& p) { return 1 + 0.02 * p.round; }));
  REQUIRE(texts(r, "trend").size() == 1);
  CHECK_THAT(texts(r, "trend")[0],
             ContainsSubstring("time_s of a and 1 more rose from round to round (Kendall's τ 1.00"));
  CHECK(texts(r, "autocorrelated").empty());  // said once
}

TEST_CASE("a side that slows down alone is a trend of the ratio too") {
  TemporaryFolder results;
  const auto r = reported(results.path(),
                          pair_run([](const Place& p) { return p.treatment == 1 ? 1 - 0.03 * p.round : 1; }));
  REQUIRE(texts(r, "trend").size() == 2);
  CHECK_THAT(texts(r, "trend")[1], ContainsSubstring("time_s of b against a fell from round to round"));
  CHECK_THAT(texts(r, "trend")[1], ContainsSubstring("the ratio is not one number"));
}

TEST_CASE("rounds that come in long swells are autocorrelated") {
  TemporaryFolder results;
  const auto r = reported(results.path(),
                          pair_run([](const Place& p) { return 1 + 0.1 * std::sin(0.5 * p.round); }, 30, 2));
  REQUIRE(texts(r, "autocorrelated").size() == 1);
  CHECK_THAT(texts(r, "autocorrelated")[0], ContainsSubstring("rounds resemble the ones before them"));
}

TEST_CASE("blocks of two speeds are bimodal, and the warning says how far apart they are") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run([](const Place& p) {
                            Place other = p;
                            other.position += 17;
                            return p.treatment == 1 && noise(other, 1) < 0.6 ? 1.3 : 1;
                          }));
  REQUIRE(texts(r, "bimodal").size() == 1);
  CHECK_THAT(texts(r, "bimodal")[0], ContainsSubstring("time_s of b has more than one mode"));
  CHECK_THAT(texts(r, "bimodal")[0], ContainsSubstring("blocks, within rounds, are"));
}

}  // namespace assay::reports::test
