#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/quantile.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_least;
using tests::Draws;

namespace {

/// 1, 2, …, n: an interval of these shows its ranks.
std::vector<double> ranks(int n) {
  std::vector<double> xs;
  for (int i = n; i >= 1; --i) xs.push_back(i);
  return xs;
}

}  // namespace

TEST_CASE("a median is the middle, or between the two middle ones") {
  CHECK(*median(std::vector<double>{3, 1, 2}) == 2);
  CHECK(*median(std::vector<double>{4, 1, 2, 3}) == 2.5);
  CHECK_FALSE(median({}));
}

TEST_CASE("a quantile is one of the values") {
  CHECK(*quantile(ranks(100), 0.99) == 99);
  CHECK(*quantile(ranks(1000), 0.999) == 999);
  CHECK(*quantile(ranks(10), 0.05) == 1);
  CHECK(*quantile(ranks(7), 0.5) == 4);
  CHECK(*quantile(ranks(100), 0.07) == 7);  // 100 · 0.07 is a little above 7 in binary
}

TEST_CASE("median intervals use the ranks of the printed tables") {
  // Tables of confidence intervals for a population median, by n: ranks and achieved confidence in percent.
  struct Row {
    int n;
    double low;
    double high;
    double percent;
  };
  for (const Row& row : {Row{6, 1, 6, 96.9}, Row{9, 2, 8, 96.1}, Row{10, 2, 9, 97.9}, Row{12, 3, 10, 96.1},
                         Row{15, 4, 12, 96.5}, Row{17, 5, 13, 95.1}, Row{20, 6, 15, 95.9}}) {
    const auto e = median_interval(ranks(row.n), 0.95);
    REQUIRE(e->interval);
    INFO(row.n << " values");
    CHECK(e->interval->low == row.low);
    CHECK(e->interval->high == row.high);
    CHECK(100 * e->confidence == Approx(row.percent).margin(0.051));
  }
}

TEST_CASE("below 6 values there is no 95 % interval for a median, and the estimate says so") {
  const auto e = median_interval(ranks(5), 0.95);
  CHECK(e->value == 3);
  CHECK_FALSE(e->interval);
  REQUIRE(e->warnings.size() == 1);
  CHECK(e->warnings[0] == "5 values are too few for an interval of this quantile at this confidence");
  CHECK(median_interval(ranks(5), 0.90)->interval);
}

TEST_CASE("a high quantile needs values above it") {
  // P(all n below the p99) = 0.99ⁿ must be at most 0.025: n ≥ 368.
  CHECK_FALSE(quantile_interval(ranks(367), 0.99, 0.95)->interval);
  CHECK(quantile_interval(ranks(368), 0.99, 0.95)->interval);
}

TEST_CASE("the ranks of a quantile's interval are those of exact binomial sums") {
  // In fractions: P(X < r) ≤ 0.025 for the largest r, P(X ≥ s) ≤ 0.025 for the smallest s.
  const auto check = [](int n, double p, double r, double s, double confidence) {
    INFO(n << " values, p = " << p);
    const auto e = quantile_interval(ranks(n), p, 0.95);
    REQUIRE(e->interval);
    CHECK(e->interval->low == r);
    CHECK(e->interval->high == s);
    CHECK(e->confidence == Approx(confidence).epsilon(1e-9));
  };
  check(100, 0.9, 84, 96, 0.955690107191223);
  check(400, 0.99, 392, 400, 0.961280887066518);
  check(60, 0.25, 9, 23, 0.9633687124997953);
}

TEST_CASE("the median's interval covers whatever the distribution") {
  Draws draws(1'400);
  const int trials = 5'000;
  int covered = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> xs;
    for (int k = 0; k < 9; ++k) xs.push_back(draws.cauchy());
    covered += median_interval(xs, 0.95)->interval->contains(0);
  }
  INFO(covered);
  CHECK(tests::within_band(covered, trials, 0.9609375));
}
