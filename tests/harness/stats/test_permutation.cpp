#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/permutation.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;
using tests::within_band;

TEST_CASE("Fisher's count for Darwin's maize is found") {
  // Fisher, The Design of Experiments, §21: of 2¹⁵ = 32,768 sign patterns of these differences (in eighths of
  // an inch) 863 have a sum of at least the observed 314; two-sided 1726/32768 = 5.267 %.
  const std::vector<double> maize{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
  CHECK(*sign_flip_p(maize, 1) == 1726.0 / 32768.0);
}

TEST_CASE("the count by half sums is the count of all patterns") {
  Draws draws(2);
  for (int n = 6; n <= 11; ++n) {
    const std::vector<double> xs = draws.normals(n, 0.4);
    double observed = 0;
    for (const double x : xs) observed += x;
    int reached = 0;
    for (int pattern = 0; pattern < (1 << n); ++pattern) {
      double sum = 0;
      for (int k = 0; k < n; ++k)
        sum += ((pattern >> k) & 1) != 0 ? xs[static_cast<std::size_t>(k)] : -xs[static_cast<std::size_t>(k)];
      reached += std::abs(sum) >= std::abs(observed) - 1e-9;
    }
    CHECK(*sign_flip_p(xs, 1) == reached / std::ldexp(1.0, n));
  }
}

TEST_CASE("below 6 rounds there is no permutation p") {
  CHECK_FALSE(sign_flip_p(std::vector<double>{1, 2, 3, 4, 5}, 1));
  CHECK(*sign_flip_p(std::vector<double>{1, 2, 3, 4, 5, 6}, 1) == 2.0 / 64);
}

TEST_CASE("the last bits of a logarithm don't decide a tie") {
  // The pattern that flips +0.3 and the pair (0.1, 0.2) has the same sum; in floating point 0.1 + 0.2 is not
  // 0.3.
  const std::vector<double> exact{3, -1, -2, 7, 9, 11};
  std::vector<double> rounded;
  for (const double x : exact) rounded.push_back(x / 10);
  rounded[0] = std::nextafter(rounded[0], 1);
  CHECK(*sign_flip_p(rounded, 1) == *sign_flip_p(exact, 1));
}

TEST_CASE("rounds of zeros give p = 1, not a division by zero") {
  CHECK(*sign_flip_p(std::vector<double>(8, 0.0), 1) == 1);
  CHECK(*sign_flip_p(std::vector<double>(40, 0.0), 1) == 1);
}

TEST_CASE("drawn patterns agree with the exact count, are repeatable and never claim 0") {
  // 33 values by drawing against 32 exact plus one of 0, which doubles every pattern and changes no p.
  Draws draws(3);
  std::vector<double> xs = draws.normals(32, 0.3);
  const double exact = *sign_flip_p(xs, 1);
  xs.push_back(0);
  const double drawn = *sign_flip_p(xs, 7);
  CHECK(std::abs(drawn - exact) < 4 * std::sqrt(exact * (1 - exact) / kPermutationDraws));
  CHECK(exact > 0.01);  // far enough from 0 for the comparison to mean something
  CHECK(drawn == *sign_flip_p(xs, 7));
  CHECK(drawn != *sign_flip_p(xs, 8));
  CHECK(*sign_flip_p(std::vector<double>(50, 1.0), 1) == 1e-5);
}

TEST_CASE("the permutation test errs at its attainable level under any symmetric distribution") {
  // With 7 rounds p is a multiple of 2/128; p ≤ 0.05 has probability 6/128 exactly, for Cauchy rounds too.
  Draws draws(4);
  const int trials = 10'000;
  int normal = 0;
  int cauchy = 0;
  for (int i = 0; i < trials; ++i) {
    normal += *sign_flip_p(draws.normals(7), 1) <= 0.05;
    std::vector<double> wild;
    for (int r = 0; r < 7; ++r) wild.push_back(draws.cauchy());
    cauchy += *sign_flip_p(wild, 1) <= 0.05;
  }
  INFO(normal << " and " << cauchy);
  CHECK(within_band(normal, trials, 6.0 / 128));
  CHECK(within_band(cauchy, trials, 6.0 / 128));
}
