#include <cmath>
#include <tuple>

#include "draws.hpp"
#include "harness/stats/proportion.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

namespace {

/// Successes among n draws of probability p.
std::int64_t count(Draws& draws, int n, double p) {
  std::int64_t k = 0;
  for (int i = 0; i < n; ++i) k += draws.uniform() < p;
  return k;
}

}  // namespace

TEST_CASE("intervals of one proportion agree with Newcombe's table") {
  // Newcombe, Statistics in Medicine 17 (1998) 857–872, Table I: methods 3 (Wilson) and 5 (Clopper–Pearson).
  struct Row {
    int k, n;
    double wilson_low, wilson_high, exact_low, exact_high;
  };
  for (const Row& row :
       {Row{81, 263, 0.2553, 0.3662, 0.2527, 0.3676}, Row{15, 148, 0.0624, 0.1605, 0.0578, 0.1617},
        Row{0, 20, 0, 0.1611, 0, 0.1684}, Row{1, 29, 0.0061, 0.1718, 0.0009, 0.1776}}) {
    INFO(row.k << " of " << row.n);
    CHECK(wilson(row.k, row.n, 0.95)->low == Approx(row.wilson_low).margin(0.00005));
    CHECK(wilson(row.k, row.n, 0.95)->high == Approx(row.wilson_high).margin(0.00005));
    CHECK(clopper_pearson(row.k, row.n, 0.95)->low == Approx(row.exact_low).margin(0.00005));
    CHECK(clopper_pearson(row.k, row.n, 0.95)->high == Approx(row.exact_high).margin(0.00005));
  }
}

TEST_CASE("all right and all wrong have intervals that end there and have a width") {
  for (const auto interval : {wilson, clopper_pearson}) {
    CHECK(interval(50, 50, 0.95)->high == 1);
    CHECK(interval(50, 50, 0.95)->low < 1);
    CHECK(interval(50, 50, 0.95)->low == Approx(1 - interval(0, 50, 0.95)->high));
    CHECK(interval(0, 50, 0.95)->low == 0);
  }
  CHECK(clopper_pearson(0, 59, 0.90)->high == Approx(1 - std::pow(0.05, 1.0 / 59)));  // the rule of three
}

TEST_CASE("without items there is no interval") {
  CHECK_FALSE(wilson(0, 0, 0.95));
  CHECK_FALSE(clopper_pearson(0, 0, 0.95));
}

TEST_CASE("the exact interval never covers too rarely, and Wilson's covers well on average") {
  Draws draws(1'998);
  const int trials = 4'000;
  double on_average = 0;
  for (const auto& [n, p] : {std::tuple{30, 0.5}, {100, 0.9}, {400, 0.99}, {1'000, 0.97}}) {
    int exact = 0, score = 0;
    for (int i = 0; i < trials; ++i) {
      const std::int64_t k = count(draws, n, p);
      exact += clopper_pearson(k, n, 0.95)->contains(p);
      score += wilson(k, n, 0.95)->contains(p);
    }
    INFO(n << " items at " << p);
    CHECK(tests::at_least(exact, trials, 0.95));
    CHECK(tests::at_least(score, trials, 0.93));
    on_average += score / (4.0 * trials);
  }
  CHECK(on_average == Approx(0.95).margin(0.01));
}
