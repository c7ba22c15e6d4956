#include <cmath>
#include <vector>

#include "harness/stats/carry_over.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;

TEST_CASE("a block that is slower after a neighbour shows as negative carry-over of that size") {
  const std::vector<double> after_own{1.00, 1.00};
  const std::vector<double> after_other{1.05, 1.05, 1.05};
  CHECK(*round_carry_over(after_own, after_other) == Approx(-std::log(1.05)));
}

TEST_CASE("a round without both kinds of predecessor has no carry-over") {
  CHECK_FALSE(round_carry_over({}, std::vector<double>{1}));
  CHECK_FALSE(round_carry_over(std::vector<double>{1}, {}));
  CHECK_FALSE(round_carry_over(std::vector<double>{1, 0}, std::vector<double>{1}));
}

TEST_CASE("carry-over warns beyond a quarter of the half-width, in either direction") {
  const std::vector<double> of_rounds{-0.050, -0.046, -0.054, -0.051, -0.049};
  const auto e = carry_over(of_rounds);
  REQUIRE(e);
  CHECK(e->value == Approx(-0.05));
  CHECK(e->interval->contains(-0.05));
  CHECK_FALSE(e->interval->contains(0));
  CHECK(carry_over_matters(*e, 0.1));
  CHECK_FALSE(carry_over_matters(*e, 0.3));
}
