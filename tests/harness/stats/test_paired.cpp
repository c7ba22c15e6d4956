#include <cmath>
#include <vector>

#include "harness/stats/paired.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;

TEST_CASE("a quad reads the ratio of its sides") {
  CHECK(quad_log_ratio({.of1 = 2, .of2 = 2, .to1 = 4, .to2 = 4}) == Approx(std::log(0.5)));
  CHECK(quad_log_ratio({.of1 = 2, .of2 = 8, .to1 = 4, .to2 = 4}) == Approx(0).margin(1e-15));
}

TEST_CASE("a drift that multiplies each block by the same factor cancels in ABBA order") {
  const double drift = 1.07;
  const double of = 3;
  const double to = 5;
  const Quad abba{.of1 = of * drift, .of2 = of * drift * drift, .to1 = to, .to2 = to * drift * drift * drift};
  CHECK(quad_log_ratio(abba) == Approx(std::log(of / to)));
}

TEST_CASE("a linear drift cancels in the difference of an ABBA quad") {
  const Quad abba{.of1 = 3 + 0.1, .of2 = 3 + 0.2, .to1 = 5, .to2 = 5 + 0.3};
  CHECK(quad_difference(abba) == Approx(-2));
}

TEST_CASE("one interrupted block does not move a round's log ratio") {
  const Quad calm{.of1 = 1, .of2 = 1, .to1 = 2, .to2 = 2};
  Quad hit = calm;
  hit.of1 = 50;
  const std::vector<Quad> quads{calm, hit, calm};
  REQUIRE(round_log_ratio(quads));
  CHECK(*round_log_ratio(quads) == Approx(std::log(0.5)));
}

TEST_CASE("a rare failure stays visible in a round's difference") {
  const Quad fine{};
  const std::vector<Quad> quads{fine, fine, fine, {.of1 = 1, .of2 = 1, .to1 = 0, .to2 = 0}};
  CHECK(*round_difference(quads) == Approx(0.25));
}

TEST_CASE("a round without quads, or with a block read as 0, has no log ratio") {
  CHECK_FALSE(round_log_ratio({}));
  CHECK_FALSE(round_difference({}));
  const std::vector<Quad> quads{{.of1 = 1, .of2 = 1, .to1 = 1, .to2 = 1},
                                {.of1 = 0, .of2 = 1, .to1 = 1, .to2 = 1}};
  CHECK_FALSE(round_log_ratio(quads));
}

TEST_CASE("a clock's term follows the shortest block") {
  const std::vector<double> elapsed{0.02, 0.005, 0.01};
  CHECK(*clock_term(0.001, elapsed) == Approx(0.2));
  CHECK_FALSE(clock_term(0.001, {}));
  CHECK_FALSE(clock_term(0.001, std::vector<double>{0.01, 0}));
}
