#include "harness/stats/multiplicity.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace assay::stats {

std::vector<double> holm_adjusted(std::span<const double> p, std::size_t family) {
  const std::size_t m = std::max(family, p.size());
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });

  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, p[order[i]] * static_cast<double>(m - i)));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

std::vector<std::optional<double>> holm_adjusted(std::span<const std::optional<double>> p,
                                                 std::size_t family) {
  std::vector<double> present;
  for (const auto& one : p) {
    if (one) present.push_back(*one);
  }
  const std::vector<double> adjusted =
      holm_adjusted(std::span<const double>(present), std::max(family, p.size()));
  std::vector<std::optional<double>> all(p.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i]) all[i] = adjusted[next++];
  }
  return all;
}

void multiply_p(std::vector<std::optional<double>>& p, double factor) {
  assert(factor >= 1);
  for (auto& one : p) {
    if (one) one = std::min(1.0, *one * factor);
  }
}

}  // namespace assay::stats
