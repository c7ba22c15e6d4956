#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/location.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/power.hpp"
#include "harness/stats/stein.hpp"
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

TEST_CASE("under Stein's rule the smallest difference follows from the width alone") {
  const double h = 0.01;
  const double delta = smallest_detectable_by_stein(h, 7, 0.05, 0.8);
  // t(0.975; 6) = 2.4469 and t(0.8; 6) = 0.9057 from the table.
  CHECK(delta == Approx(h * (1 + 0.9057 / 2.4469)).epsilon(1e-4));
  CHECK(smallest_detectable_by_stein(h, 7, 0.01, 0.8) > delta);
  for (const double sd : {0.02, 0.05}) {
    tests::Draws draws(1'201);
    int found = 0;
    for (int i = 0; i < 4'000; ++i) {
      std::vector<double> d = draws.normals(7, delta, sd);
      const auto n = static_cast<int>(*rounds_needed(*moments(d).sd, 7, h, 0.95));
      const auto more = draws.normals(n - 7, delta, sd);
      d.insert(d.end(), more.begin(), more.end());
      found += two_sided_p(*mean_location(d, 7), 0) < 0.05;
    }
    INFO("deviation " << sd << ": " << found << " found");
    CHECK(tests::within_band(found, 4'000, 0.82));  // rounding n up helps a little
    CHECK(tests::at_least(found, 4'000, 0.8));
  }
}
