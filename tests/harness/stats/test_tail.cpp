#include <algorithm>
#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/quantile.hpp"
#include "harness/stats/tail.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

namespace {

std::vector<double> ascending(int n) {
  std::vector<double> xs;
  for (int i = 1; i <= n; ++i) xs.push_back(i);
  return xs;
}

}  // namespace

TEST_CASE("early stopping needs the queries that MLPerf's rules print: 64 for p90, 662 for p99") {
  CHECK_FALSE(early_stopping_discards(63, 0.90, 0.99));
  CHECK(early_stopping_discards(64, 0.90, 0.99) == 1);
  CHECK_FALSE(early_stopping_discards(661, 0.99, 0.99));
  CHECK(early_stopping_discards(662, 0.99, 0.99) == 1);
}

TEST_CASE("early stopping looks past more samples the more there are, and never past too many") {
  std::int64_t before = 0;
  for (const std::int64_t n : {662, 1'000, 10'000, 100'000}) {
    const auto t = early_stopping_discards(n, 0.99, 0.99);
    REQUIRE(t);
    CHECK(*t > before);
    CHECK(*t < n / 100);  // fewer than the share that lies beyond the percentile
    before = *t;
  }
}

TEST_CASE("the early-stopping bound is below the percentile in fewer than 1 % of processes") {
  // Exponential times, whose p90 is ln 10. Bin(64, 0.1) ≤ 1 has probability 0.0096, and the bound is the
  // highest value, so that it fails only where all 64 lie below: 0.9⁶⁴ = 0.0012. MLPerf's rule is the careful
  // one by one sample.
  Draws draws(662);
  int below = 0;
  const int trials = 20'000;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> xs;
    for (int k = 0; k < 64; ++k) xs.push_back(-std::log(1 - draws.uniform()));
    std::sort(xs.begin(), xs.end());
    below += *within_one_process(xs, 0.90).early_stopping < 2.302585092994046;
  }
  INFO(below);
  CHECK(tests::within_band(below, trials, 0.00118));
}

TEST_CASE(
    "within one process the percentile, its order statistics and the early-stopping bound are samples of "
    "it") {
  // Ranks of the p99 of 1,000: Bin(1000, 0.99) has its 2.5 % below 984 and above 996.
  const auto w = within_one_process(ascending(1'000), 0.99);
  CHECK(w.value == 990);
  REQUIRE(w.binomial);
  CHECK(w.binomial->low == quantile_interval(ascending(1'000), 0.99, 0.95)->interval->low);
  CHECK(w.binomial->low < 985);
  CHECK(w.binomial->high > 995);
  CHECK(w.early_stopping == 1'000 - *early_stopping_discards(1'000, 0.99, 0.99) + 1);
  CHECK_FALSE(within_one_process(ascending(300), 0.99).binomial);  // P(all below the p99) = 0.99³⁰⁰ = 4.9 %
  CHECK_FALSE(within_one_process(ascending(300), 0.99).early_stopping);
}

TEST_CASE(
    "the sign test gives the printed binomial tails, and says no exactly where the median's interval ends") {
  // All of 7 on one side: 2/128. One of 10 on the other: 2 · 11/1024.
  CHECK(sign_test_p(ascending(7), 0.5) == Approx(2.0 / 128));
  CHECK(sign_test_p(ascending(10), 1.5) == Approx(22.0 / 1024));
  CHECK(sign_test_p(ascending(7), 4) == 1);
  CHECK(sign_test_p({}, 1) == 1);
  for (int n = 6; n <= 30; ++n) {
    const auto interval = median_interval(ascending(n), 0.95)->interval;
    REQUIRE(interval);
    INFO(n);
    CHECK(sign_test_p(ascending(n), interval->low - 0.5) <= 0.05);
    CHECK(sign_test_p(ascending(n), interval->low + 0.5) > 0.05);
    CHECK(sign_test_p(ascending(n), interval->high + 0.5) <= 0.05);
  }
}
