#include <cmath>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/power.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;
using tests::within_band;

TEST_CASE("the power of a paired t test agrees with published examples") {
  // G*Power, "difference from constant": d = 1/3, n = 25, two-sided 5 %: 0.360 (Wuensch, East Carolina
  // University).
  CHECK(power_of(1.0 / 3, 1, 25, 0.05) == Approx(0.360).margin(0.0006));
  // G*Power manual, matched pairs: d_z = 0.421637, 50 pairs: 0.832114.
  CHECK(power_of(0.421637, 1, 50, 0.05) == Approx(0.832114).margin(2e-6));
}

TEST_CASE("the smallest detectable difference is found with just the power asked for") {
  for (const int n : {2, 5, 7, 15, 60}) {
    for (const double power : {0.5, 0.8, 0.95}) {
      const auto d = smallest_detectable(0.02, n, 0.05, power);
      REQUIRE(d);
      CHECK(power_of(*d, 0.02, n, 0.05) == Approx(power).epsilon(1e-8));
    }
  }
  CHECK_FALSE(smallest_detectable(0.02, 1, 0.05, 0.8));
  CHECK(*smallest_detectable(0, 7, 0.05, 0.8) == 0);
}

TEST_CASE("a strict level in a large family is still calculated for few rounds") {
  const auto alone = smallest_detectable(0.01, 5, 0.05, 0.8);
  const auto crowd = smallest_detectable(0.01, 5, 0.05 / 60, 0.8);
  CHECK(*crowd > 2 * *alone);
  const auto two_rounds = smallest_detectable(0.01, 2, 1e-6, 0.99);
  CHECK(power_of(*two_rounds, 0.01, 2, 1e-6) == Approx(0.99).epsilon(1e-6));
}

TEST_CASE("simulated rounds find the smallest detectable difference as often as promised") {
  Draws draws(1'500);
  const double d = *smallest_detectable(0.02, 7, 0.05, 0.8);
  const int trials = 10'000;
  int found = 0;
  for (int i = 0; i < trials; ++i) found += *ratio_from_rounds(draws.normals(7, d, 0.02))->p_t < 0.05;
  INFO(found);
  CHECK(within_band(found, trials, 0.8));
}
