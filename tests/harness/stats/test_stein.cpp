#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/stein.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_least;
using tests::Draws;

TEST_CASE("the rounds needed are t² s² / h², rounded up") {
  // t(0.975; 6) = 2.4469 from the table: (2.4469 · 0.02 / 0.01)² = 23.95.
  CHECK(*rounds_needed(0.02, 7, 0.01, 0.95) == 24);
  // t(0.975; 14) = 2.1448: (2.1448 · 0.03 / 0.01)² = 41.4.
  CHECK(*rounds_needed(0.03, 15, 0.01, 0.95) == 42);
}

TEST_CASE("a precise pilot is enough") {
  CHECK(*rounds_needed(0.001, 7, 0.01, 0.95) == 7);
  CHECK(*rounds_needed(0, 7, 0.01, 0.95) == 7);
}

TEST_CASE("one pilot round, or a clock coarser than the width, promises nothing") {
  CHECK_FALSE(rounds_needed(0.02, 1, 0.01, 0.95));
  CHECK_FALSE(rounds_needed(0.02, 7, 0.01, 0.95, 0.01));
  CHECK(*rounds_needed(0.02, 7, 0.02, 0.95, 0.01) == 24);  // what the clock leaves of 0.02
}

TEST_CASE("a ratio's target is kept at both ends") {
  const double h = log_half_width(0.01);
  CHECK(std::exp(h) - 1 == Approx(0.01));
  CHECK(1 - std::exp(-h) < 0.01);
}

TEST_CASE("Stein's intervals keep their level and their width, whatever the deviation is") {
  for (const double sd : {0.01, 0.03}) {
    Draws draws(1'100);
    const int trials = 6'000;
    const double h = 0.015;
    int covered = 0;
    int wider = 0;
    double rounds = 0;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> d = draws.normals(7, 0.2, sd);
      const auto n = static_cast<int>(*rounds_needed(*moments(d).sd, 7, h, 0.95));
      const std::vector<double> more = draws.normals(n - 7, 0.2, sd);
      d.insert(d.end(), more.begin(), more.end());
      const auto e = mean_of_rounds(d, {.pilot = 7});
      covered += e->interval->contains(0.2);
      wider += e->interval->half_width() > h * (1 + 1e-9);
      rounds += n;
    }
    INFO("deviation " << sd << ": " << covered << " covered, " << wider << " wider, mean rounds "
                      << rounds / trials);
    CHECK(at_least(covered, trials, 0.95));
    CHECK(covered < 0.97 * trials);  // no safer than it says: rounding up costs little
    CHECK(wider == 0);
    if (sd > 0.02) CHECK(rounds / trials == Approx(2.4469 * 2.4469 * sd * sd / (h * h)).epsilon(0.06));
  }
}

TEST_CASE("stopping when the interval looks narrow covers less, which is why Stein's rule is used") {
  // The rule that users reach for: add a round until the half-width is below h. Same data, same width.
  Draws draws(1'101);
  const int trials = 3'000;
  const double h = 0.03;
  int covered = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> d = draws.normals(3, 0, 0.03);
    auto e = mean_of_rounds(d);
    while (e->interval->half_width() > h) {
      d.push_back(0.03 * draws.normal());
      e = mean_of_rounds(d);
    }
    covered += e->interval->contains(0);
  }
  INFO(covered);
  CHECK(covered < 0.93 * trials);
}

TEST_CASE("nine of ten pilots ask for a number of rounds in the range that was announced") {
  // χ²(0.05; 6) = 1.635 and χ²(0.95; 6) = 12.592 from the table: 0.2725 and 2.099 times t² σ² / h² = 95.8.
  const auto expected = *rounds_expected(0.04, 7, 0.01, 0.95);
  CHECK(expected.typical == 96);
  CHECK(expected.low == 27);
  CHECK(expected.high == 202);
  Draws draws(1'102);
  int inside = 0;
  for (int i = 0; i < 4'000; ++i) {
    const auto n = *rounds_needed(*moments(draws.normals(7, 0, 0.04)).sd, 7, 0.01, 0.95);
    inside += n >= expected.low && n <= expected.high;
  }
  CHECK(tests::within_band(inside, 4'000, 0.9));
  CHECK_FALSE(rounds_expected(0.04, 7, 0.01, 0.95, 0.01));
}
