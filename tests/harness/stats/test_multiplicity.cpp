#include <algorithm>
#include <vector>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/multiplicity.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_most;
using tests::Draws;

namespace {

void check_equal(const std::vector<double>& got, const std::vector<double>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(wanted[i]));
}

}  // namespace

TEST_CASE("Holm's adjustment gives the textbook numbers, in the order given") {
  // The example of the article "Holm–Bonferroni method" (Wikipedia): H₁ and H₄ fall at 0.05, H₂ and H₃ don't.
  check_equal(holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005}), {0.03, 0.06, 0.06, 0.02});
}

TEST_CASE("adjusted p are monotone and never above 1") {
  check_equal(holm_adjusted(std::vector<double>{0.6, 0.9, 0.2}), {1, 1, 0.6});
  CHECK(holm_adjusted(std::vector<double>{}).empty());
}

TEST_CASE("failed cells count in the family") {
  check_equal(holm_adjusted(std::vector<double>{0.01, 0.02}, 5), {0.05, 0.08});
  const std::vector<std::optional<double>> planned{0.01, std::nullopt, 0.02, std::nullopt, std::nullopt};
  const auto adjusted = holm_adjusted(planned);
  REQUIRE(adjusted.size() == 5);
  CHECK(*adjusted[0] == Approx(0.05));
  CHECK_FALSE(adjusted[1]);
  CHECK(*adjusted[2] == Approx(0.08));
}

TEST_CASE("ten comparisons, half of them real, hold the family-wise rate that unadjusted p exceed fourfold") {
  Draws draws(800);
  const int trials = 4'000;
  int adjusted_errors = 0;
  int plain_errors = 0;
  int found = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> p;
    for (int k = 0; k < 10; ++k) p.push_back(*ratio_from_rounds(draws.normals(7, k < 5 ? 0.0 : 3.0))->p_t);
    const auto q = holm_adjusted(p);
    const auto below = [](double x) { return x < 0.05; };
    adjusted_errors += std::any_of(q.begin(), q.begin() + 5, below);
    plain_errors += std::any_of(p.begin(), p.begin() + 5, below);
    found += std::all_of(q.begin() + 5, q.end(), below);
  }
  INFO(adjusted_errors << " adjusted, " << plain_errors << " plain, " << found << " found");
  CHECK(at_most(adjusted_errors, trials, 0.05));
  CHECK(adjusted_errors > 0.02 * trials);  // step-down: once the five real ones are out, five remain, not ten
  CHECK(plain_errors > 0.18 * trials);     // 1 − 0.95⁵ = 0.226
  CHECK(found > 0.9 * trials);
}
