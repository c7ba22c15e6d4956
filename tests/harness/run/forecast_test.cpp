// What a plan can show, from scripted spreads: a pure function.
#include "harness/run/forecast.hpp"

#include <cmath>

#include "harness/run/spread.hpp"
#include "harness/stats/power.hpp"
#include "harness/stats/stein.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"
#include "tests/harness/run/experiments.hpp"

using namespace assay;
using namespace assay::run;
using Catch::Matchers::ContainsSubstring;
using testing::planned;

namespace {

std::string three_with(const std::string& preset) {
  return R"(
[experiment]
name = "three"
question = "?"
baseline = { version = "a" }
[worker]
command = ["true"]
[factors]
version = ["a", "b", "c"]
[presets.quick]
)" + preset + "\n";
}

Calibration calibration(int rounds, int quads) {
  Calibration c;
  c.rounds = rounds;
  c.quads = quads;
  return c;
}

/// Rounds of one quad that alternate between ± x, so that their deviation is known.
stats::PilotPair alternating(double x, int rounds = 8) {
  stats::PilotPair pair;
  for (int r = 0; r < rounds; ++r) pair.rounds.push_back({r % 2 == 0 ? x : -x});
  return pair;
}

const stats::Costs kCosts{.start_s = 2, .block_s = 0.1};

}  // namespace

TEST_CASE("the smallest difference is that of the noisiest comparison at Holm's strictest step") {
  const auto plan = planned(three_with("rounds = 10"));
  const Spread spread{.pairs = {alternating(0.01), alternating(0.03)}, .sd = {}, .source = "run x"};
  const Forecast f = forecast(plan, calibration(10, 1), kCosts, spread);
  const double sd = 0.03 * std::sqrt(8.0 / 7.0);
  CHECK(f.comparisons == 2);
  CHECK(*f.sd == Approx(sd));
  CHECK(*f.smallest_difference == Approx(std::expm1(*stats::smallest_detectable(sd, 10, 0.025, 0.8))));
  REQUIRE(f.pairs.size() == 2);
  CHECK(*f.pairs[0].smallest_difference < *f.pairs[1].smallest_difference);
  CHECK(f.reason.empty());
  CHECK_FALSE(f.precision);
}

TEST_CASE("without anything measured the smallest difference is unknown, and a spread without two rounds is no spread") {
  const auto plan = planned(three_with("rounds = 10"));
  const Forecast none = forecast(plan, calibration(10, 1), kCosts, std::nullopt);
  CHECK_FALSE(none.smallest_difference);
  CHECK_FALSE(none.sd);
  CHECK(none.reason == "no earlier run on this machine");
  const Spread half{.pairs = {alternating(0.01), alternating(0.03, 1)}, .sd = {}, .source = "run x"};
  const Forecast f = forecast(plan, calibration(10, 1), kCosts, half);
  CHECK_FALSE(f.smallest_difference);  // of the whole table
  CHECK(f.pairs[0].smallest_difference);
  CHECK_THAT(f.reason, ContainsSubstring("run x"));
}

TEST_CASE("a deviation that is known for all comparisons alike serves each of them") {
  const auto plan = planned(three_with("rounds = 10"));
  const Forecast f = forecast(plan, calibration(10, 4), kCosts, Spread{.pairs = {}, .sd = 0.01, .source = "controls"});
  CHECK(*f.smallest_difference == Approx(std::expm1(*stats::smallest_detectable(0.01, 10, 0.025, 0.8))));
}

TEST_CASE("with a precision target the width alone says what is found; the deviation says how long it takes") {
  const auto plan = planned(three_with("precision_target = 0.01"));
  const double h = stats::log_half_width(0.01);
  const double by_width = std::expm1(stats::smallest_detectable_by_stein(h, 7, 0.025, 0.8));
  const Forecast unknown = forecast(plan, calibration(7, 1), kCosts, std::nullopt);
  CHECK(*unknown.smallest_difference == Approx(by_width));
  CHECK_FALSE(unknown.precision);

  const Spread spread{.pairs = {alternating(0.01), alternating(0.03)}, .sd = {}, .source = "run x"};
  const Forecast f = forecast(plan, calibration(7, 1), kCosts, spread);
  CHECK(*f.smallest_difference == Approx(by_width));
  REQUIRE(f.precision);
  const auto expected = *stats::rounds_expected(0.03 * std::sqrt(8.0 / 7.0), 7, h, 0.95);
  CHECK(f.precision->rounds == expected.typical);
  CHECK(f.precision->low == expected.low);
  CHECK(f.precision->high == expected.high);
  CHECK(f.precision->minutes == Approx(static_cast<double>(expected.typical) * 2.1 / 60));
  CHECK(f.precision->quads == 1);
}

TEST_CASE("a target beyond the budget is said, and what the pilot's rounds would find stands instead") {
  const auto plan = planned(three_with("precision_target = 0.01\nbudget_s = 30"));
  const Spread spread{.pairs = {alternating(0.03), alternating(0.03)}, .sd = {}, .source = "run x"};
  const Forecast f = forecast(plan, calibration(7, 1), kCosts, spread);
  CHECK(f.precision->over_budget);
  CHECK(*f.smallest_difference ==
        Approx(std::expm1(*stats::smallest_detectable(0.03 * std::sqrt(8.0 / 7.0), 7, 0.025, 0.8))));
}

TEST_CASE("an experiment without a baseline compares nothing, and says so") {
  auto plan = planned(three_with("rounds = 10"));
  plan.pairs.clear();
  const Forecast f = forecast(plan, calibration(10, 1), kCosts, std::nullopt);
  CHECK_FALSE(f.smallest_difference);
  CHECK_THAT(f.reason, ContainsSubstring("no baseline"));
}

TEST_CASE("the spread of a run is the log ratios of its quads, each in its place") {
  const record::fake::TemporaryFolder folder;
  record::fake::FakeRun fake;
  fake.rounds = 3;
  fake.quads = 4;
  fake.seconds = [](const record::fake::Place& p) { return p.treatment == 1 ? 2.0 + p.round : 1.0; };
  // Of the second round's quad 1 every attempt at one block was stolen: the quad is lost, the others keep their places.
  fake.marks = [](const record::fake::Place& p) -> std::uint8_t {
    return p.round == 2 && p.quad == 1 && p.treatment == 1 ? kStolen : 0;
  };
  const auto run = record::read_run(record::fake::write_fake_run(folder.path(), fake));
  REQUIRE(run);
  const auto metric = planning_metric(*run);
  REQUIRE(metric);
  const auto spread = spread_of(*run, {{1, 0, true}}, *metric);
  REQUIRE(spread.size() == 1);
  REQUIRE(spread[0].rounds.size() == 3);
  CHECK(spread[0].per_quad == 1);
  CHECK(*spread[0].rounds[0][3] == Approx(std::log(3.0)));
  CHECK_FALSE(spread[0].rounds[1][1]);
  CHECK(*spread[0].rounds[1][2] == Approx(std::log(4.0)));
  CHECK(spread[0].clock_term > 0);
}
