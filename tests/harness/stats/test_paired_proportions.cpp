#include <cmath>
#include <tuple>

#include "draws.hpp"
#include "harness/stats/paired_proportions.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

namespace {

// Fagerland, Lydersen & Laake 2013 and 2014: airway hyper-responsiveness of 21 children before and after stem
// cell transplantation (Bentur et al. 2009), and complete response of 161 patients (Cavo et al. 2012).
constexpr PairedCounts kAirway{.both = 1, .only_of = 1, .only_to = 7, .neither = 12};
constexpr PairedCounts kResponse{.both = 59, .only_of = 6, .only_to = 16, .neither = 80};

PairedCounts drawn(Draws& draws, int n, double both, double only_of, double only_to) {
  PairedCounts counts;
  for (int i = 0; i < n; ++i) {
    const double u = draws.uniform();
    ++(u < both                       ? counts.both
       : u < both + only_of           ? counts.only_of
       : u < both + only_of + only_to ? counts.only_to
                                      : counts.neither);
  }
  return counts;
}

}  // namespace

TEST_CASE("McNemar's exact and mid-p values are those of the paper's examples") {
  CHECK(mcnemar_exact_p(kAirway) == Approx(0.0703).margin(0.00005));
  CHECK(mcnemar_mid_p(kAirway) == Approx(0.0391).margin(0.00005));
  CHECK(mcnemar_exact_p(kResponse) == Approx(0.0525).margin(0.00005));
  CHECK(mcnemar_mid_p(kResponse) == Approx(0.0347).margin(0.00005));
}

TEST_CASE("where as many items speak for either side, mid-p stays just below 1") {
  const PairedCounts even{.both = 10, .only_of = 3, .only_to = 3, .neither = 0};
  CHECK(mcnemar_exact_p(even) == 1);
  CHECK(mcnemar_mid_p(even) == Approx(1 - 20.0 / 64 / 2));  // C(6,3)/2⁶ = 20/64
}

TEST_CASE("Newcombe's paired interval is that of the papers' examples") {
  // Newcombe 1998, Table II, method 10; the airway example is Fagerland et al. 2014.
  struct Row {
    PairedCounts counts;
    double low, high;
  };
  for (const Row& row : {Row{{36, 12, 2, 0}, 0.0569, 0.3404}, Row{{20, 12, 2, 16}, 0.0562, 0.3292},
                         Row{kAirway, -0.507, -0.026}}) {
    const Interval i = *newcombe_difference(row.counts, 0.95);
    const double digits = row.low == -0.507 ? 0.0005 : 0.00005;
    CHECK(i.low == Approx(row.low).margin(digits));
    CHECK(i.high == Approx(row.high).margin(digits));
  }
}

TEST_CASE("Tango's interval is that of the papers' examples") {
  // Fagerland et al. 2014, airway example; Tango 1998, crossover trial of two disinfection systems for lenses
  // (Miyanaga 1994): 43, 0, 1, 0.
  CHECK(tango_difference(kAirway, 0.95)->low == Approx(-0.517).margin(0.0005));
  CHECK(tango_difference(kAirway, 0.95)->high == Approx(-0.026).margin(0.0005));
  const PairedCounts lenses{.both = 43, .only_of = 0, .only_to = 1, .neither = 0};
  CHECK(tango_difference(lenses, 0.90)->low == Approx(-0.096).margin(0.0005));
  CHECK(difference_equivalence_p(lenses, 0.1) == Approx(0.044).margin(0.0005));  // z = 1.71
}

TEST_CASE("the score interval of a ratio is that of the paper's example") {
  // Fagerland et al. 2014: 0.25, with the interval of Tang et al. from 0.065 to 0.907.
  const RatioInterval ratio = *paired_ratio(kAirway, 0.95);
  CHECK(ratio.value == 0.25);
  CHECK(ratio.low == Approx(0.065).margin(0.0005));
  CHECK(ratio.high == Approx(0.907).margin(0.0005));
}

TEST_CASE("the restricted likelihood of a ratio is at its maximum") {
  // By brute force: no other table with the ratio θ makes the counts more likely, and z follows from its
  // variance.
  const PairedCounts counts{.both = 70, .only_of = 5, .only_to = 15, .neither = 10};
  const double theta = 0.8;
  double best = -INFINITY, variance = 0;
  for (int i = 1; i < 20'000; ++i) {
    const double only_of = i * 1e-5;
    const double both = theta * 0.9 - (1 + theta) * only_of;
    const double only_to = 0.9 - both - only_of;
    if (both <= 0 || only_to <= 0) continue;
    const double likelihood = 70 * std::log(both) + 5 * std::log(only_of) + 15 * std::log(only_to);
    if (likelihood > best) best = likelihood, variance = 100 * theta * (only_of + only_to);
  }
  CHECK(ratio_score_z(counts, theta) == Approx((75 - theta * 85) / std::sqrt(variance)).epsilon(1e-4));
  CHECK(ratio_score_z(counts, 1) == Approx(-10 / std::sqrt(20)));  // McNemar's asymptotic z
  CHECK(difference_score_z(counts, 0) == Approx(-10 / std::sqrt(20)));
}

TEST_CASE("either side may be the first") {
  const PairedCounts turned{kResponse.both, kResponse.only_to, kResponse.only_of, kResponse.neither};
  CHECK(tango_difference(kResponse, 0.95)->low == Approx(-tango_difference(turned, 0.95)->high));
  CHECK(newcombe_difference(kResponse, 0.95)->low == Approx(-newcombe_difference(turned, 0.95)->high));
  CHECK(paired_ratio(kResponse, 0.95)->low == Approx(1 / paired_ratio(turned, 0.95)->high));
  CHECK(mcnemar_mid_p(kResponse) == mcnemar_mid_p(turned));
}

TEST_CASE("classifiers that never disagree are no proof of equality") {
  const PairedCounts same{.both = 9'911, .only_of = 0, .only_to = 0, .neither = 89};
  CHECK(mcnemar_exact_p(same) == 1);
  CHECK(mcnemar_mid_p(same) == 1);
  const Interval i = *tango_difference(same, 0.95);
  CHECK(i.low < 0);
  CHECK(i.low == Approx(-i.high));
  CHECK(newcombe_difference(same, 0.95)->half_width() > 0);
  CHECK(ratio_gate_p(same, 0.99) < 1e-6);
  CHECK(ratio_gate_p(same, 0.999) < 0.001);
  CHECK(difference_equivalence_p(same, 0.01) < 1e-6);
  CHECK(difference_equivalence_p({.both = 10}, 0.01) > 0.3);  // ten items show nothing within 1 %
}

TEST_CASE("no items, all right and all wrong have numbers or none, and never a NaN") {
  CHECK_FALSE(newcombe_difference({}, 0.95));
  CHECK_FALSE(tango_difference({}, 0.95));
  CHECK_FALSE(paired_ratio({}, 0.95));
  CHECK(ratio_gate_p({}, 0.99) == 1);
  CHECK(difference_equivalence_p({}, 0.01) == 1);
  for (const PairedCounts& counts :
       {PairedCounts{.both = 50}, PairedCounts{.neither = 50}, PairedCounts{.only_of = 50},
        PairedCounts{.only_to = 50}, PairedCounts{.both = 0, .only_of = 3, .only_to = 0, .neither = 5},
        PairedCounts{.both = 1}}) {
    for (const double x : {newcombe_difference(counts, 0.95)->low, newcombe_difference(counts, 0.95)->high,
                           tango_difference(counts, 0.95)->low, tango_difference(counts, 0.95)->high,
                           ratio_gate_p(counts, 0.99), ratio_gate_p(counts, 1.01), mcnemar_mid_p(counts)}) {
      CHECK(std::isfinite(x));
      CHECK(std::abs(x) <= 1);
    }
    if (const auto ratio = paired_ratio(counts, 0.95)) {
      CHECK(std::isfinite(ratio->high));
      CHECK(ratio->low <= ratio->value);
      CHECK(ratio->value <= ratio->high);
    }
  }
  CHECK_FALSE(paired_ratio({.only_of = 50}, 0.95));      // of right, to never: no ratio
  CHECK(paired_ratio({.only_to = 50}, 0.95)->low == 0);  // the other way round: 0
  CHECK(ratio_gate_p({.only_of = 50}, 0.99) < 1e-6);
  CHECK(ratio_gate_p({.only_to = 50}, 0.99) > 1 - 1e-6);
  CHECK(ratio_gate_p({.neither = 50}, 0.99) == 1);
}

TEST_CASE("paired intervals cover, and mid-p holds its level, for rare and frequent disagreement") {
  Draws draws(2'002);
  const int trials = 3'000;
  for (const auto& [n, both, only_of, only_to] : {std::tuple{400, 0.90, 0.03, 0.03},
                                                  {400, 0.80, 0.05, 0.09},
                                                  {100, 0.5, 0.2, 0.1},
                                                  {1'000, 0.97, 0.005, 0.01}}) {
    int newcombe = 0, tango = 0, ratio = 0, mid = 0, exact = 0;
    const double truth = only_of - only_to;
    const double quotient = (both + only_of) / (both + only_to);
    for (int i = 0; i < trials; ++i) {
      const PairedCounts counts = drawn(draws, n, both, only_of, only_to);
      newcombe += newcombe_difference(counts, 0.95)->contains(truth);
      tango += tango_difference(counts, 0.95)->contains(truth);
      const RatioInterval r = *paired_ratio(counts, 0.95);
      ratio += r.low <= quotient && quotient <= r.high;
      mid += mcnemar_mid_p(counts) < 0.05;
      exact += mcnemar_exact_p(counts) < 0.05;
    }
    INFO(n << " items, " << only_of << " and " << only_to);
    CHECK(tests::at_least(newcombe, trials, 0.94));
    CHECK(tests::at_least(tango, trials, 0.94));
    CHECK(tests::at_least(ratio, trials, 0.94));
    CHECK(exact <= mid);
    if (truth == 0) CHECK(tests::at_most(mid, trials, 0.05));
  }
}

TEST_CASE("a gate lets a classifier at its threshold through in 5 % of test sets") {
  Draws draws(99);
  const int trials = 4'000;
  int passed = 0;
  for (int i = 0; i < trials; ++i) {
    // 0.99 · 0.98 = 0.9702: exactly at the gate.
    passed += ratio_gate_p(drawn(draws, 2'000, 0.965, 0.0052, 0.015), 0.99) < 0.05;
  }
  INFO(passed);
  CHECK(tests::within_band(passed, trials, 0.05));
}
