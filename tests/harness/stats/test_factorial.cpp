#include <cmath>
#include <numeric>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/factorial.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

namespace {

/// All cells in one group, each linked with the first.
std::vector<Link> star(const std::vector<std::vector<double>>& rounds_of_cells) {
  std::vector<Link> links;
  for (std::size_t c = 1; c < rounds_of_cells.size(); ++c) {
    Link link{static_cast<int>(c), 0, {}};
    for (std::size_t r = 0; r < rounds_of_cells[c].size(); ++r)
      link.rounds.push_back(rounds_of_cells[c][r] - rounds_of_cells[0][r]);
    links.push_back(link);
  }
  return links;
}

/// One round of exact values.
std::vector<Link> exact(const std::vector<double>& cells) {
  std::vector<std::vector<double>> rounds;
  for (const double x : cells) rounds.push_back({x});
  return star(rounds);
}

}  // namespace

TEST_CASE("the effects of a two-level design are those of the textbook") {
  // Box, Hunter & Hunter, Statistics for Experimenters: pilot plant, yields of a 2³ in temperature T,
  // concentration C and catalyst K. Standard order has T fastest, so the factors here are K, C, T. Effects: T
  // 23, C −5, K 1.5; T×K 10, T×C 1.5, C×K 0. A book's interaction is half the difference of differences.
  const std::vector<double> yields{60, 72, 54, 68, 52, 83, 45, 80};
  const std::vector<int> levels{2, 2, 2}, reference{0, 0, 0};
  const auto effects = factorial_effects(levels, reference);
  REQUIRE(effects.size() == 6);
  const auto value = [&](std::size_t i) {
    return contrast_rounds(effects[i].weights, exact(yields))->values.front();
  };
  CHECK(value(0) == Approx(1.5));                  // K
  CHECK(value(1) == Approx(-5));                   // C
  CHECK(value(2) == Approx(23));                   // T
  CHECK(value(3) / 2 == Approx(0).margin(1e-12));  // K×C
  CHECK(value(4) / 2 == Approx(10));               // K×T
  CHECK(value(5) / 2 == Approx(1.5));              // C×T
}

TEST_CASE("a factor of three levels has two effects, against whichever level is the reference") {
  const std::vector<int> levels{3, 2}, reference{1, 0};
  const auto effects = factorial_effects(levels, reference);
  REQUIRE(effects.size() == 5);  // 2 + 1 main effects, 2 interactions
  CHECK(effects[0].of[0].level == 0);
  CHECK(effects[1].of[0].level == 2);
  // ln y = row + column + 0.3 in the last cell.
  const std::vector<double> y{1.0, 1.5, 2.0, 2.5, 4.0, 4.8};
  const auto value = [&](std::size_t i) { return contrast_rounds(effects[i].weights, exact(y))->values.front(); };
  CHECK(value(0) == Approx(-1));
  CHECK(value(1) == Approx(2 + 0.3 / 2));
  CHECK(value(2) == Approx(0.5 + 0.3 / 3));
  CHECK(value(3) == Approx(0).margin(1e-12));
  CHECK(value(4) == Approx(0.3));
  for (const auto& e : effects)
    CHECK(std::accumulate(e.weights.begin(), e.weights.end(), 0.0) == Approx(0).margin(1e-12));
}

TEST_CASE("a factor with one level has no effect, and takes none from the others") {
  const std::vector<int> levels{1, 2}, reference{0, 0};
  const auto effects = factorial_effects(levels, reference);
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].weights == std::vector<double>{-1, 1});
}

TEST_CASE("cells that were never side by side meet over the baseline that both were beside") {
  // Two groups, {0, 1} and {0, 2, 3}: the second ran while the machine was slow by 5, and the first by 1.
  const std::vector<double> y{0, 0.1, 0.2, 0.35};
  const std::vector<Link> links{{1, 0, {(y[1] + 1) - (y[0] + 1)}},
                                {2, 0, {(y[2] + 5) - (y[0] + 5)}},
                                {3, 0, {(y[3] + 5) - (y[0] + 5)}}};
  const std::vector<int> levels{2, 2}, reference{0, 0};
  const auto effects = factorial_effects(levels, reference);
  CHECK(contrast_rounds(effects[1].weights, links)->values.front() == Approx((0.1 + 0.15) / 2));
  CHECK(contrast_rounds(effects[2].weights, links)->values.front() == Approx(0.05));
}

TEST_CASE("without a shared baseline only what cancels inside a group can be had") {
  // Each column has a baseline of its own: {0, 2} and {1, 3}. The row effect and the interaction are ratios
  // within groups; the column effect would compare across them.
  const std::vector<Link> links{{2, 0, {0.2}}, {3, 1, {0.5}}};
  const std::vector<int> levels{2, 2}, reference{0, 0};
  const auto effects = factorial_effects(levels, reference);
  CHECK(contrast_rounds(effects[0].weights, links)->values.front() == Approx(0.35));
  CHECK_FALSE(contrast_rounds(effects[1].weights, links));
  CHECK(contrast_rounds(effects[2].weights, links)->values.front() == Approx(0.3));
  CHECK_FALSE(contrast_rounds(effects[0].weights, {}));
}

TEST_CASE("an effect takes the rounds that have all of its cells, and no others") {
  std::vector<Link> links = star({{0, 0, 0}, {0.1, 0.1, 0.1}, {0.2, 0.2, 0.2}, {0.3, 0.4, 0.3}});
  links[2].rounds[1].reset();
  const std::vector<int> levels{2, 2}, reference{0, 0};
  const auto effects = factorial_effects(levels, reference);
  CHECK(contrast_rounds(effects[2].weights, links)->values.size() == 2);
  // Cells without weight cost no round.
  CHECK(contrast_rounds(std::vector<double>{-1, 1, 0, 0}, links)->values.size() == 3);
}

TEST_CASE("t intervals of effects cover, and the p of an interaction that isn't there is uniform") {
  Draws draws(17);
  const std::vector<int> levels{2, 3}, reference{0, 0};
  const auto effects = factorial_effects(levels, reference);
  const int trials = 3'000;
  int covered = 0, alarms = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<std::vector<double>> rounds(6);
    for (int r = 0; r < 7; ++r) {
      const double weather = draws.normal();  // alike for all, larger than every effect
      for (std::size_t c = 0; c < 6; ++c)
        rounds[c].push_back(weather + 0.02 * static_cast<double>(c / 3) + 0.01 * draws.normal());
    }
    const auto links = star(rounds);
    covered +=
        ratio_from_rounds(contrast_rounds(effects[0].weights, links)->values)->interval->contains(std::exp(0.02));
    alarms += *ratio_from_rounds(contrast_rounds(effects[3].weights, links)->values)->p_t < 0.05;
  }
  INFO(covered << " " << alarms);
  CHECK(tests::within_band(covered, trials, 0.95));
  CHECK(tests::within_band(alarms, trials, 0.05));
}
