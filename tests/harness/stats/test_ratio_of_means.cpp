#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/distributions.hpp"
#include "harness/stats/equivalence.hpp"
#include "harness/stats/estimate.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;
using tests::within_band;

namespace {

struct Sides {
  std::vector<double> of;
  std::vector<double> to;
};

/// Normal pairs with means 2 and 4 and coefficients of variation `cv` and cv/2, correlated by what the round
/// shares.
Sides draw(Draws& draws, int rounds, double cv, double correlation) {
  Sides s;
  for (int r = 0; r < rounds; ++r) {
    const double shared = std::sqrt(correlation) * draws.normal();
    s.of.push_back(2 * (1 + cv * (shared + std::sqrt(1 - correlation) * draws.normal())));
    s.to.push_back(4 * (1 + cv / 2 * (shared + std::sqrt(1 - correlation) * draws.normal())));
  }
  return s;
}

}  // namespace

TEST_CASE("the ends of Fieller's interval are the ratios that a t test of of − θ·to just rejects") {
  const std::vector<double> of{2.1, 1.7, 2.4, 2.0, 1.9, 2.6};
  const std::vector<double> to{4.0, 3.9, 4.9, 4.4, 3.6, 4.2};
  const auto e = ratio_of_means(of, to);
  REQUIRE(e);
  REQUIRE(e->interval);
  CHECK(e->value == Approx(12.7 / 25.0));
  for (const double theta : {e->interval->low, e->interval->high}) {
    std::vector<double> contrast;
    for (std::size_t r = 0; r < of.size(); ++r) contrast.push_back(of[r] - theta * to[r]);
    CHECK(two_sided_p(*mean_location(contrast, {}), 0) == Approx(0.05).epsilon(1e-9));
  }
  CHECK(e->interval->low < e->value);
  CHECK(e->value < e->interval->high);
}

TEST_CASE("Fieller's interval keeps its digits where both sides hardly vary") {
  // To first order the interval is value · (1 ± t s/√n) with s of the linearised log ratio; at a variation of
  // 10⁻⁶ the second order is 10⁻¹².
  const std::vector<double> of{2 + 2e-6, 2 - 1e-6, 2 - 1e-6, 2 + 3e-6, 2};
  const std::vector<double> to{4, 4 + 3e-6, 4 - 1e-6, 4 - 2e-6, 4 + 1e-6};
  const auto e = ratio_of_means(of, to);
  const double half = t_quantile(0.975, 4) * *e->sd / std::sqrt(5.0);
  CHECK(e->interval->half_width() / e->value == Approx(half).epsilon(1e-5));
}

TEST_CASE("a ratio of means covers at 95 % with 5, 7 and 15 rounds, correlated or not") {
  for (const int rounds : {5, 7, 15}) {
    for (const double correlation : {0.0, 0.8}) {
      Draws draws(500 + static_cast<std::uint64_t>(rounds));
      const int trials = 10'000;
      int covered = 0;
      for (int i = 0; i < trials; ++i) {
        const Sides s = draw(draws, rounds, 0.1, correlation);
        covered += ratio_of_means(s.of, s.to)->interval->contains(0.5);
      }
      INFO(rounds << " rounds, correlation " << correlation << ": " << covered);
      CHECK(within_band(covered, trials, 0.95));
    }
  }
}

TEST_CASE("at a large variation both tails of Fieller's interval hold, and those of the delta method don't") {
  // The reason for the choice. The baseline varies by 0.3 of its mean, the other side hardly; a baseline ≤ 0
  // (one draw in 2,000) is drawn again. The delta interval, symmetric in logarithms, misses far more often on
  // one side.
  Draws draws(600);
  const int trials = 20'000;
  const double truth = 0.5;
  int fieller_below = 0;
  int fieller_above = 0;
  int delta_below = 0;
  int delta_above = 0;
  for (int i = 0; i < trials; ++i) {
    Sides s;
    while (s.of.size() < 7) {
      const double to = 4 * (1 + 0.3 * draws.normal());
      if (to <= 0) continue;
      s.of.push_back(2 * (1 + 0.02 * draws.normal()));
      s.to.push_back(to);
    }
    const auto e = ratio_of_means(s.of, s.to);
    fieller_below += e->interval && e->interval->high < truth;  // an unbounded one misses on neither side
    fieller_above += e->interval && e->interval->low > truth;
    const double half = t_quantile(0.975, 6) * *e->sd / std::sqrt(7.0);
    delta_below += std::log(e->value) + half < std::log(truth);
    delta_above += std::log(e->value) - half > std::log(truth);
  }
  INFO("Fieller " << fieller_below << " and " << fieller_above << ", delta " << delta_below << " and "
                  << delta_above);
  CHECK(within_band(fieller_below, trials, 0.025));
  CHECK(within_band(fieller_above, trials, 0.025));
  CHECK_FALSE((within_band(delta_below, trials, 0.025) && within_band(delta_above, trials, 0.025)));
}

TEST_CASE("a ratio of means tells when its baseline can't be told from 0") {
  const std::vector<double> of{1, 1.1, 0.9};
  const std::vector<double> to{0.1, 3, 0.2};
  const auto e = ratio_of_means(of, to);
  CHECK_FALSE(e->interval);
  REQUIRE(e->warnings.size() == 1);
  CHECK(e->warnings[0].find("baseline's mean") != std::string::npos);
}

TEST_CASE("a ratio of means needs paired positive values") {
  CHECK_FALSE(ratio_of_means(std::vector<double>{1, 2}, std::vector<double>{1}));
  CHECK_FALSE(ratio_of_means(std::vector<double>{1, 2}, std::vector<double>{1, 0}));
  CHECK_FALSE(ratio_of_means({}, {}));
}

TEST_CASE("constant sides are deterministic only if said so, and only if both stand still") {
  const std::vector<double> of(5, 3.0);
  const std::vector<double> to(5, 2.0);
  CHECK_FALSE(ratio_of_means(of, to)->interval);
  const auto sure = ratio_of_means(of, to, {.deterministic_if_equal = true});
  CHECK(sure->deterministic);
  CHECK(sure->interval->low == 1.5);
  CHECK(sure->interval->high == 1.5);
  CHECK(*sure->p_t == 0);

  const std::vector<double> moving{2, 4, 6, 8, 10};
  const std::vector<double> same_ratio{1, 2, 3, 4, 5};
  const auto lockstep = ratio_of_means(moving, same_ratio, {.deterministic_if_equal = true});
  CHECK_FALSE(lockstep->deterministic);
  CHECK_FALSE(lockstep->interval);
}

TEST_CASE("the equivalence of a ratio of means agrees with its 90 % interval") {
  Draws draws(700);
  const double margin = 0.05;
  int inside = 0;
  for (int i = 0; i < 500; ++i) {
    Sides s = draw(draws, 6, 0.06, 0.5);
    for (double& x : s.of) x *= 2;  // a true ratio of 1
    const auto e = ratio_of_means(s.of, s.to, {.confidence = 0.90});
    const bool within = e->interval->low > 1 - margin && e->interval->high < 1 / (1 - margin);
    CHECK((*ratio_of_means_equivalence_p(s.of, s.to, margin) < 0.05) == within);
    inside += within;
  }
  CHECK(inside > 50);  // both answers occur
  CHECK(inside < 450);
}

TEST_CASE(
    "a coarse clock widens a ratio of means, weakens its p and its equivalence, in step with the interval") {
  Draws draws(701);
  const double tick = 0.03;
  int excluded = 0;
  int equivalent = 0;
  for (int i = 0; i < 400; ++i) {
    Sides s = draw(draws, 6, 0.04, 0.5);
    for (double& x : s.of) x *= 2.08;  // a true ratio of 1.04
    const auto fine = ratio_of_means(s.of, s.to);
    const auto coarse = ratio_of_means(s.of, s.to, {.clock_term = tick});
    CHECK(coarse->interval->low == Approx(fine->interval->low * std::exp(-tick)));
    CHECK(coarse->interval->high == Approx(fine->interval->high * std::exp(tick)));
    CHECK((*coarse->p_t < 0.05) == !coarse->interval->contains(1));
    excluded += *coarse->p_t < 0.05;

    const double margin = 0.10;
    const auto ninety = ratio_of_means(s.of, s.to, {.confidence = 0.90, .clock_term = tick});
    const bool within = ninety->interval->low > 1 - margin && ninety->interval->high < 1 / (1 - margin);
    CHECK((*ratio_of_means_equivalence_p(s.of, s.to, margin, {.clock_term = tick}) < 0.05) == within);
    equivalent += within;
  }
  INFO(excluded << " differ, " << equivalent << " equal");
  CHECK(excluded > 10);  // all answers occur
  CHECK(excluded < 390);
  CHECK(equivalent > 10);
  CHECK(equivalent < 390);
}

TEST_CASE("the p of any ratio is below 5 % exactly where Fieller's interval doesn't hold it") {
  Draws draws(702);
  int inside = 0, outside = 0;
  for (int i = 0; i < 200; ++i) {
    const Sides s = draw(draws, 7, 0.3, 0.2);
    for (const double tick : {0.0, 0.02}) {
      const EstimateSettings settings{.clock_term = tick};
      const auto e = ratio_of_means(s.of, s.to, settings);
      if (!e->interval) continue;
      for (const double ratio : {0.35, 0.45, 0.5, 0.58, 0.7}) {
        const bool holds = e->interval->contains(ratio);
        CHECK((*ratio_of_means_p(s.of, s.to, ratio, settings) >= 0.05) == holds);
        ++(holds ? inside : outside);
      }
    }
  }
  CHECK(inside > 200);
  CHECK(outside > 200);
  // One side constant, the other of variation 0.3: by hand, t of mean(of − θ·to) = 0.
  const std::vector<double> of(7, 1.0), to{0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.4};
  const auto e = ratio_of_means(of, to);
  CHECK(*ratio_of_means_p(of, to, e->interval->low) == Approx(0.05).epsilon(1e-6));
  CHECK(*ratio_of_means_p(of, to, e->interval->high) == Approx(0.05).epsilon(1e-6));
  CHECK_FALSE(ratio_of_means_p(std::vector{1.0}, std::vector{2.0}, 0.5));
}
