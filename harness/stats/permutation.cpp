#include "harness/stats/permutation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "harness/stats/splitmix64.hpp"

namespace assay::stats {
namespace {

/// The 2^n sums ±x₁ ±x₂ …, ascending. Adding |x| and subtracting it leaves each half sorted, so that merging
/// will do.
std::vector<double> signed_sums(std::span<const double> xs) {
  std::vector<double> sums{0.0};
  for (const double x : xs) {
    std::vector<double> lower;
    for (double& sum : sums) {
      lower.push_back(sum - std::abs(x));
      sum += std::abs(x);
    }
    std::vector<double> both(2 * sums.size());
    std::merge(lower.begin(), lower.end(), sums.begin(), sums.end(), both.begin());
    sums = std::move(both);
  }
  return sums;
}

/// How many of the 2^n patterns have a sum of at least `threshold` > 0 (by symmetry as many are ≤
/// −threshold).
double patterns_reaching(std::span<const double> xs, double threshold) {
  const std::vector<double> left = signed_sums(xs.first(xs.size() / 2));
  const std::vector<double> right = signed_sums(xs.subspan(xs.size() / 2));
  double count = 0;  // exact: below 2^53
  std::size_t first = right.size();
  for (const double l : left) {  // as l grows, more of `right` suffices
    while (first > 0 && l + right[first - 1] >= threshold) --first;
    count += static_cast<double>(right.size() - first);
  }
  return count;
}

/// The sums ±x₁ … ±x₈ of eight values (fewer: zeros behind them) by the eight bits of their signs; a set bit
/// is +.
std::array<double, 256> sums_by_signs(std::span<const double> xs) {
  std::array<double, 256> sums{};
  for (const double x : xs) sums[0] -= x;
  for (std::size_t k = 0; k < xs.size(); ++k) {
    const std::size_t bit = std::size_t{1} << k;
    for (std::size_t below = 0; below < bit; ++below) sums[bit + below] = sums[below] + 2 * xs[k];
  }
  for (std::size_t known = std::size_t{1} << xs.size(); known < sums.size(); ++known)
    sums[known] = sums[known % (std::size_t{1} << xs.size())];
  return sums;
}

double drawn_p(std::span<const double> xs, double threshold, std::uint64_t seed) {
  constexpr std::size_t kByte = 8;
  std::vector<std::array<double, 256>> tables;
  for (std::size_t k = 0; k < xs.size(); k += kByte)
    tables.push_back(sums_by_signs(xs.subspan(k, std::min(kByte, xs.size() - k))));
  SplitMix64 draws(seed);
  int reached = 0;
  for (int i = 0; i < kPermutationDraws; ++i) {
    double sum = 0;
    std::uint64_t signs = 0;
    for (std::size_t t = 0; t < tables.size(); ++t) {
      if (t % sizeof signs == 0) signs = draws.next();
      sum += tables[t][signs & 0xff];
      signs >>= kByte;
    }
    if (std::abs(sum) >= threshold) ++reached;
  }
  return (reached + 1.0) / (kPermutationDraws + 1.0);
}

}  // namespace

std::optional<double> sign_flip_p(std::span<const double> xs, std::uint64_t seed) {
  if (xs.size() < static_cast<std::size_t>(kFewestForPermutation)) return std::nullopt;
  double sum = 0;
  double scale = 0;
  for (const double x : xs) {
    sum += x;
    scale += std::abs(x);
  }
  const double threshold = std::abs(sum) - 1e-12 * scale;
  if (threshold <= 0) return 1.0;  // nothing is nearer to 0 than what was seen
  if (xs.size() > static_cast<std::size_t>(kMostForExactPermutation)) return drawn_p(xs, threshold, seed);
  return 2 * patterns_reaching(xs, threshold) / std::ldexp(1.0, static_cast<int>(xs.size()));
}

}  // namespace assay::stats
