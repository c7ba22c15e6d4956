#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/allocation.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

TEST_CASE("variance components of a balanced table are the mean squares of the textbook") {
  // Three rounds of two: means 2, 6, 4; within squares 2 + 2 + 2 on 3 degrees, so 2; between mean square
  // 2·(4 + 4 + 0)/2 = 8, so (8 − 2)/2 = 3.
  const std::vector<std::vector<double>> rounds{{1, 3}, {5, 7}, {3, 5}};
  const auto v = variance_components(rounds);
  REQUIRE(v);
  CHECK(v->within == Approx(2));
  CHECK(v->between == Approx(3));
}

TEST_CASE("rounds that differ by no more than their blocks have no variance of their own") {
  const std::vector<std::vector<double>> rounds{{1, 5}, {2, 4}, {0, 6}};
  CHECK(variance_components(rounds)->between == 0);
}

TEST_CASE("one round, or one value a round, can't be split into components") {
  CHECK_FALSE(variance_components(std::vector<std::vector<double>>{{1, 2, 3}}));
  CHECK_FALSE(variance_components(std::vector<std::vector<double>>{{1}, {2}, {3}}));
  CHECK_FALSE(variance_components({}));
}

TEST_CASE("components are recovered from rounds of unequal length") {
  Draws draws(1'200);
  double between = 0;
  double within = 0;
  const int tables = 400;
  for (int i = 0; i < tables; ++i) {
    std::vector<std::vector<double>> rounds;
    for (int r = 0; r < 12; ++r) rounds.push_back(draws.normals(3 + r % 5, 2 * draws.normal(), 3));
    const auto v = variance_components(rounds);
    between += v->between / tables;
    within += v->within / tables;
  }
  CHECK(within == Approx(9).epsilon(0.05));
  CHECK(between == Approx(4).epsilon(0.15));
}

TEST_CASE("the number of blocks a round minimises the variance for a given time") {
  const Costs costs{.start_s = 0.5, .block_s = 0.01};
  for (const double within : {0.5, 3.0, 8.0, 71.3}) {
    const VarianceComponents variance{.between = 1, .within = within};
    const auto price = [&](double b) {
      return (variance.between + variance.within / b) * (costs.start_s + b * costs.block_s);
    };
    const int best = blocks_per_round(costs, variance, 1, 1000);
    CHECK(best == Approx(std::sqrt(50 * within)).margin(1));
    for (int b = 1; b <= 200; ++b) CHECK(price(best) <= price(b) + 1e-12);
  }
}

TEST_CASE("blocks stay within their bounds where a component is 0") {
  const Costs costs{.start_s = 0.5, .block_s = 0.01};
  CHECK(blocks_per_round(costs, {.between = 0, .within = 1}, 4, 200) == 200);
  CHECK(blocks_per_round(costs, {.between = 1, .within = 0}, 4, 200) == 4);
  CHECK(blocks_per_round(costs, {.between = 1, .within = 1e9}, 4, 200) == 200);
}

TEST_CASE("more rounds are worth more than more blocks exactly beyond the best number of blocks") {
  const Costs costs{.start_s = 0.5, .block_s = 0.01};
  const VarianceComponents variance{.between = 1, .within = 8};
  CHECK_FALSE(more_rounds_help_more(costs, variance, 19));
  CHECK(more_rounds_help_more(costs, variance, 21));
}
