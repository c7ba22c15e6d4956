#include "harness/stats/allocation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/moments.hpp"

namespace assay::stats {

std::optional<VarianceComponents> variance_components(std::span<const std::vector<double>> rounds) {
  double n = 0;
  double squared_sizes = 0;
  double sum = 0;
  int groups = 0;
  for (const auto& round : rounds) {
    if (round.empty()) continue;
    const double size = static_cast<double>(round.size());
    ++groups;
    n += size;
    squared_sizes += size * size;
    sum += size * mean(round);
  }
  if (groups < 2 || n - groups < 1) return std::nullopt;

  const double grand = sum / n;
  double between_squares = 0;
  double within_squares = 0;
  for (const auto& round : rounds) {
    if (round.empty()) continue;
    const double center = mean(round);
    between_squares += static_cast<double>(round.size()) * (center - grand) * (center - grand);
    for (const double x : round) within_squares += (x - center) * (x - center);
  }
  const double within = within_squares / (n - groups);
  const double size = (n - squared_sizes / n) / (groups - 1);  // the common size, if all are equal
  const double between = (between_squares / (groups - 1) - within) / size;
  return VarianceComponents{.between = std::max(0.0, between), .within = within};
}

int blocks_per_round(const Costs& costs, const VarianceComponents& variance, int least, int most) {
  assert(costs.start_s >= 0 && costs.block_s > 0 && 1 <= least && least <= most);
  if (variance.within <= 0) return least;
  if (variance.between <= 0) return most;
  // One more block lowers the price while b (b + 1) is below this quotient; its root is the continuous
  // optimum.
  const double quotient = costs.start_s / costs.block_s * (variance.within / variance.between);
  const double best = std::ceil((std::sqrt(1 + 4 * quotient * (1 - 1e-12)) - 1) / 2);
  return static_cast<int>(std::clamp(best, static_cast<double>(least), static_cast<double>(most)));
}

bool more_rounds_help_more(const Costs& costs, const VarianceComponents& variance, int blocks) {
  assert(costs.block_s > 0 && blocks >= 1);
  const double b = blocks;
  return costs.start_s * variance.within < costs.block_s * variance.between * b * b;
}

}  // namespace assay::stats
