#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/equivalence.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;
using tests::within_band;

TEST_CASE("two one-sided tests give the t values of a published paired example") {
  // TOSTER, documentation of TOSTpaired: 65 pairs, means 5.83 and 5.75, deviations 1.17 and 1.29, correlation
  // 0.75, bounds ± 0.4 deviations of the difference. By hand: deviation of the difference √(1.17² + 1.29² −
  // 2·0.75·1.17·1.29) = 0.8770, standard error 0.1088, t = (0.08 ± 0.3508)/0.1088 = 3.960 and −2.489 on 64
  // degrees, so p = 0.0077.
  const double sd = std::sqrt(1.17 * 1.17 + 1.29 * 1.29 - 2 * 0.75 * 1.17 * 1.29);
  const Location d{.center = 0.08, .standard_error = sd / std::sqrt(65.0), .degrees = 64, .slack = 0};
  CHECK((d.center + 0.4 * sd) / d.standard_error == Approx(3.960).epsilon(1e-3));
  CHECK(difference_equivalence_p(d, 0.4 * sd) == Approx(0.0077).epsilon(0.01));
}

TEST_CASE("equivalence at 5 % is the 90 % interval inside the margin") {
  Draws draws(900);
  int inside = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto d = mean_location(draws.normals(7, 0, 0.01), {});
    const Interval ninety = interval_of(*d, 0.90);
    const bool within = std::exp(ninety.low) > 0.99 && std::exp(ninety.high) < 1 / 0.99;
    CHECK((ratio_equivalence_p(*d, 0.01) < 0.05) == within);
    inside += within;
  }
  CHECK(inside > 200);
  CHECK(inside < 1'800);
}

TEST_CASE("a ratio's margin is the same from either side") {
  const Location there{.center = 0.004, .standard_error = 0.002, .degrees = 6, .slack = 0};
  const Location back{.center = -0.004, .standard_error = 0.002, .degrees = 6, .slack = 0};
  CHECK(ratio_equivalence_p(there, 0.01) == Approx(ratio_equivalence_p(back, 0.01)));
  CHECK(std::exp(-log_margin(0.01)) == Approx(0.99));
}

TEST_CASE("at a true difference of exactly the margin, 5 % are called equivalent") {
  // A small deviation beside the margin, so that only one of the two tests can err: then the size is α and
  // not below.
  for (const double side : {-1.0, 1.0}) {
    Draws draws(901);
    const int trials = 10'000;
    int called = 0;
    for (int i = 0; i < trials; ++i) {
      called += ratio_equivalence_p(*mean_location(draws.normals(7, side * log_margin(0.01), 0.001), {}),
                                    0.01) < 0.05;
    }
    INFO(called);
    CHECK(within_band(called, trials, 0.05));
  }
}

TEST_CASE("a coarse clock can't prove equivalence closer than it reads") {
  const Location d{.center = 0, .standard_error = 0, .degrees = 6, .slack = 0.02};
  CHECK(ratio_equivalence_p(d, 0.01) == 1);
  CHECK(ratio_equivalence_p(d, 0.05) == 0);
  for (const double center : {-0.02, 0.02}) {  // on either side, the slack counts towards the margin
    const Location off{.center = center, .standard_error = 0.001, .degrees = 6, .slack = 0.02};
    CHECK(difference_equivalence_p(off, 0.035) > 0.95);
    CHECK(difference_equivalence_p(off, 0.045) < 0.05);
  }
}

TEST_CASE("deterministic values are equivalent or not, without doubt") {
  const Location d{.center = -0.002, .standard_error = 0, .degrees = 6, .slack = 0};
  CHECK(difference_equivalence_p(d, 0.01) == 0);
  CHECK(difference_equivalence_p(d, 0.001) == 1);
}
