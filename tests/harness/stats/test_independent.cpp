#include <cmath>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/independent.hpp"
#include "harness/stats/proportion.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_least;
using tests::Draws;

TEST_CASE("the recovered interval of two proportions is Newcombe's published one") {
  // Newcombe, Statistics in Medicine 17 (1998), Table II, method 10: 56/70 − 48/80 → [0.0524, 0.3339].
  const Bounded a{56.0 / 70, *wilson(56, 70, 0.95)}, b{48.0 / 80, *wilson(48, 80, 0.95)};
  const Interval d = difference_of_independent(a, b);
  CHECK(d.low == Approx(0.0524).epsilon(1e-3));
  CHECK(d.high == Approx(0.3339).epsilon(1e-3));
}

TEST_CASE("the interval of a difference covers it at least as often as it says, whatever the two noises") {
  constexpr int kTrials = 4'000;
  for (const double noise : {0.01, 0.1}) {
    Draws draws(585);
    int covered = 0;
    for (int i = 0; i < kTrials; ++i) {
      const auto there = ratio_from_rounds(draws.normals(7, -0.7, 0.05));
      const auto here = ratio_from_rounds(draws.normals(15, -0.6, noise));
      const auto bounded = [](const Estimate& e) {
        return Bounded{std::log(e.value), {std::log(e.interval->low), std::log(e.interval->high)}};
      };
      covered += difference_of_independent(bounded(*here), bounded(*there)).contains(0.1);
    }
    CHECK(at_least(covered, kTrials, 0.95));
    CHECK(covered < kTrials * 0.985);  // an interval that is ever so wide covers, too
  }
}

TEST_CASE("two identical exact values differ by nothing") {
  const Interval d = difference_of_independent({0.5, {0.5, 0.5}}, {0.5, {0.5, 0.5}});
  CHECK(d.low == 0);
  CHECK(d.high == 0);
}
