#include <algorithm>
#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/second_stage.hpp"
#include "harness/stats/stein.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_least;
using tests::Draws;

namespace {

/// A round: its own deviation, then that of each of its quads; every tenth quad may be hit by an interrupt.
struct Noise {
  double between = 0;
  double within = 0;
  double hit = 0;  // added to one quad in ten, to either side
};

RoundOfQuads draw_round(Draws& draws, const Noise& noise, int quads) {
  const double round = noise.between * draws.normal();
  RoundOfQuads values;
  for (int q = 0; q < quads; ++q) {
    double value = round + noise.within * draws.normal();
    if (noise.hit > 0 && draws.uniform() < 0.1) value += draws.uniform() < 0.5 ? noise.hit : -noise.hit;
    values.emplace_back(value);
  }
  return values;
}

PilotPair draw_pilot(Draws& draws, const Noise& noise, int rounds, int quads) {
  PilotPair pair;
  for (int r = 0; r < rounds; ++r) pair.rounds.push_back(draw_round(draws, noise, quads));
  return pair;
}

}  // namespace

TEST_CASE("a round's value is the median of its first quads, lost ones apart") {
  const PilotPair pair{.rounds = {{1.0, std::nullopt, 3.0, 100.0}, {std::nullopt, 5.0, 6.0, 7.0}}};
  CHECK(quads_of(pair) == 4);
  CHECK(values_at(pair, 4) == std::vector<double>{3, 6});
  CHECK(values_at(pair, 3) == std::vector<double>{2, 5.5});
  CHECK(values_at(pair, 1) == std::vector<double>{1});  // the other round's first quad was lost
}

TEST_CASE("rare slow quads hardly enter the components, because a median hardly sees them") {
  Draws draws(2'001);
  const auto clean = components_of(draw_pilot(draws, {.between = 0.01, .within = 0.01}, 400, 40));
  const auto hit = components_of(draw_pilot(draws, {.between = 0.01, .within = 0.01, .hit = 1}, 400, 40));
  // Of a median of 10 normal values the variance is 1.38 times that of a mean (of many, π/2).
  CHECK(std::sqrt(clean->between) == Approx(0.01).epsilon(0.1));
  CHECK(clean->within == Approx(1.38e-4).epsilon(0.1));
  CHECK(hit->within < 2 * clean->within);  // the quads' own variance would be 1,000 times as large
}

TEST_CASE("where a round is one quad all variance is between rounds") {
  const PilotPair pair{.rounds = {{1.0}, {3.0}, {5.0}}};
  CHECK(components_of(pair)->between == Approx(4));
  CHECK(components_of(pair)->within == 0);
  CHECK_FALSE(components_of(PilotPair{.rounds = {{1.0}}}));
  CHECK_FALSE(components_of(PilotPair{}));
}

TEST_CASE("the deviation at another number of quads is read where there are so many, and modelled beyond") {
  Draws draws(2'002);
  const PilotPair pair = draw_pilot(draws, {.between = 0.003, .within = 0.02}, 500, 8);
  CHECK(*sd_at(pair, 8) == Approx(*moments(values_at(pair, 8)).sd));
  const double expected = std::sqrt(0.003 * 0.003 + 1.2 * 0.02 * 0.02 / 32);  // pieces of two: nearly a mean
  CHECK(*sd_at(pair, 32) == Approx(expected).epsilon(0.15));
}

TEST_CASE("with one pair the cheapest number of quads is that of Kalibera and Jones") {
  const std::vector<double> width{0.01};
  for (const double between : {0.1, 1.0, 4.0}) {
    for (const double start_s : {0.1, 1.0, 10.0}) {
      const std::vector<VarianceComponents> v{{.between = between, .within = 9}};
      const Costs costs{.start_s = start_s, .block_s = 0.05};
      CHECK(cheapest_quads(v, width, costs, 40) == blocks_per_round(costs, v[0], kFewestQuads, 40));
    }
  }
}

TEST_CASE("of several pairs the one that needs most decides, and without variance nothing is cut") {
  const Costs costs{.start_s = 1, .block_s = 0.1};
  const VarianceComponents noisy{.between = 1, .within = 40};
  const VarianceComponents calm{.between = 0.001, .within = 0.00001};
  const std::vector<double> same{0.01, 0.01};
  CHECK(cheapest_quads(std::vector{noisy, calm}, same, costs, 40) ==
        blocks_per_round(costs, noisy, kFewestQuads, 40));
  CHECK(cheapest_quads(std::vector{VarianceComponents{}}, std::vector{0.01}, costs, 17) == 17);
  CHECK(cheapest_quads(std::vector{VarianceComponents{.between = 1}}, std::vector{0.01}, costs, 17) ==
        kFewestQuads);
  CHECK(cheapest_quads(std::vector{VarianceComponents{.between = 1}}, std::vector{0.01}, costs, 5) == 5);
}

TEST_CASE("rounds of one quad, and quads of unknown cost, leave Stein's rule alone") {
  Draws draws(2'003);
  const std::vector<PilotPair> single{draw_pilot(draws, {.between = 0.02}, 7, 1)};
  const auto plan = second_stage(single, {.start_s = 1, .block_s = 0.1}, 1, 0.01);
  CHECK(plan->quads == 1);
  CHECK(plan->rounds == *rounds_needed(*moments(values_at(single[0], 1)).sd, 7, 0.01, 0.95));
  PilotPair lost = single.front();
  lost.planned = static_cast<int>(lost.rounds.size()) + 2;
  CHECK(second_stage(std::vector{lost}, {.start_s = 1, .block_s = 0.1}, 1, 0.01)->rounds == plan->rounds + 2);
  const std::vector<PilotPair> twenty{draw_pilot(draws, {.between = 0.02, .within = 0.001}, 7, 20)};
  CHECK(second_stage(twenty, {.start_s = 1, .block_s = 0}, 20, 0.01)->quads == 20);
}

TEST_CASE("a clock coarser than the width is said, and no pair with two rounds is no plan") {
  const PilotPair coarse{.rounds = {{0.01}, {0.02}, {0.03}}, .clock_term = 0.02};
  CHECK(second_stage(std::vector{coarse}, {.start_s = 1, .block_s = 1}, 1, 0.01)->clock_too_coarse);
  CHECK_FALSE(second_stage(std::vector<PilotPair>{}, {.start_s = 1, .block_s = 1}, 1, 0.01));
}

TEST_CASE("choosing quads and rounds from the pilot keeps level and width, and costs little above the best") {
  struct Condition {
    Noise noise;
    double start_s;  // a quad takes 1 s
  };
  const std::vector<Condition> conditions{
      {{.between = 0.02, .within = 0.004}, 2},   // rounds differ: few quads
      {{.between = 0.02, .within = 0.02}, 2},    // both
      {{.between = 0.004, .within = 0.06}, 2},   // quads differ: many
      {{.between = 0, .within = 0.06}, 20},      // nothing but quads
      {{.between = 0.01, .within = 0.04}, 200},  // starting is dear
      {{.between = 0.02, .within = 0.02, .hit = 0.3}, 5},
  };
  constexpr int kPilot = 7;
  constexpr int kQuads = 20;
  constexpr int kTrials = 2'000;
  const double h = 0.01;
  for (const Condition& c : conditions) {
    Draws draws(2'004);
    int covered = 0;
    int wider = 0;
    std::vector<double> costs;
    double quads = 0;
    for (int i = 0; i < kTrials; ++i) {
      PilotPair pair = draw_pilot(draws, c.noise, kPilot, kQuads);
      const auto plan = second_stage(std::vector{pair}, {.start_s = c.start_s, .block_s = 1}, kQuads, h);
      const auto n = static_cast<int>(plan->rounds);
      std::vector<double> d = values_at(pair, plan->quads);
      for (int r = kPilot; r < n; ++r) {
        const PilotPair more{.rounds = {draw_round(draws, c.noise, plan->quads)}};
        d.push_back(values_at(more, plan->quads).front());
      }
      const auto e = mean_of_rounds(d, {.pilot = kPilot});
      covered += e->interval->contains(0);
      wider += e->interval->half_width() > h * (1 + 1e-9);
      quads += plan->quads;
      costs.push_back(n * (c.start_s + plan->quads));
    }
    // The oracle knows the components, and still needs Stein's t for a pilot of 7.
    double oracle = 1e300;
    const double within = 1.571 * c.noise.within * c.noise.within;
    for (int b = kFewestQuads; b <= kQuads; ++b) {
      const double variance = c.noise.between * c.noise.between + within / b;
      const double rounds = std::max<double>(kPilot, 2.4469 * 2.4469 * variance / (h * h));
      oracle = std::min(oracle, rounds * (c.start_s + b));
    }
    std::nth_element(costs.begin(), costs.begin() + kTrials / 2, costs.end());
    INFO("between " << c.noise.between << ", within " << c.noise.within << ", hit " << c.noise.hit << ": "
                    << covered << " of " << kTrials << " covered, mean quads " << quads / kTrials
                    << ", median cost " << costs[kTrials / 2] / oracle << " of the oracle's");
    CHECK(at_least(covered, kTrials, 0.95));
    CHECK(wider == 0);
    CHECK(costs[kTrials / 2] < 2 * oracle);
  }
}

TEST_CASE("taking the number of quads whose pilot looks cheapest would cover less") {
  // Why the rule above goes by two components: with nothing but quads' noise, the least of 20 deviations lies.
  constexpr int kTrials = 3'000;
  Draws draws(2'005);
  int covered = 0;
  for (int i = 0; i < kTrials; ++i) {
    const Noise noise{.between = 0, .within = 0.06};
    const PilotPair pair = draw_pilot(draws, noise, 7, 20);
    int best = 20;
    double least = 1e300;
    for (int b = 1; b <= 20; ++b) {
      const auto n = *rounds_needed(*moments(values_at(pair, b)).sd, 7, 0.01, 0.95);
      const double cost = static_cast<double>(n) * (20 + b);
      if (cost < least) least = cost, best = b;
    }
    std::vector<double> d = values_at(pair, best);
    const auto n = *rounds_needed(*moments(d).sd, 7, 0.01, 0.95);
    for (auto r = 7; r < n; ++r) {
      const PilotPair more{.rounds = {draw_round(draws, noise, best)}};
      d.push_back(values_at(more, best).front());
    }
    covered += mean_of_rounds(d, {.pilot = 7})->interval->contains(0);
  }
  INFO(covered << " of " << kTrials);
  CHECK_FALSE(at_least(covered, kTrials, 0.95));
}
