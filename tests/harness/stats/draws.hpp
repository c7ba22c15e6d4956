// Random samples for simulations, and the band in which a simulated rate must lie.
//
//     int covered = 0;
//     for (int i = 0; i < 10'000; ++i) covered += contains(interval_of(draws.normals(7)), 0);
//     CHECK(within_band(covered, 10'000, 0.95));
#pragma once

#include <cmath>
#include <vector>

#include "harness/stats/splitmix64.hpp"

namespace assay::stats::tests {

class Draws {
public:
  explicit Draws(std::uint64_t seed) : source_(seed) {}

  double uniform() { return source_.uniform(); }
  /// Standard normal, by Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - source_.uniform()));
    return radius * std::cos(6.283185307179586 * source_.uniform());
  }
  /// Student's t with 3 degrees of freedom: symmetric, with a variance but no finite kurtosis.
  double heavy() {
    const double z = normal();
    double chi = 0;
    for (int i = 0; i < 3; ++i) {
      const double x = normal();
      chi += x * x;
    }
    return z / std::sqrt(chi / 3);
  }
  double cauchy() { return std::tan(3.141592653589793 * (source_.uniform() - 0.5)); }

  std::vector<double> normals(int n, double mean = 0, double sd = 1) {
    std::vector<double> xs;
    for (int i = 0; i < n; ++i) xs.push_back(mean + sd * normal());
    return xs;
  }

private:
  SplitMix64 source_;
};

/// True if `count` of `trials` lies within four standard deviations of a binomial with probability p. A right
/// implementation fails once in 16,000 seeds, and the seed is fixed; with 10,000 trials at 0.95 the band is ±
/// 0.009.
inline bool within_band(int count, int trials, double p) {
  return std::abs(count - trials * p) <= 4 * std::sqrt(trials * p * (1 - p));
}
/// One-sided: not significantly above p (below p).
inline bool at_most(int count, int trials, double p) {
  return count <= trials * p + 4 * std::sqrt(trials * p * (1 - p));
}
inline bool at_least(int count, int trials, double p) {
  return count >= trials * p - 4 * std::sqrt(trials * p * (1 - p));
}

}  // namespace assay::stats::tests
