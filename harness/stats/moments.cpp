#include "harness/stats/moments.hpp"

#include <cassert>
#include <cmath>

namespace assay::stats {

double mean(std::span<const double> values) {
  assert(!values.empty());
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double x : values) sum += x;
  const double first = sum / n;
  double residual = 0;
  for (const double x : values) residual += x - first;
  return first + residual / n;
}

Moments moments(std::span<const double> values) {
  Moments m{.n = static_cast<int>(values.size()), .mean = mean(values), .sd = std::nullopt};
  if (m.n < 2) return m;
  double squares = 0;
  for (const double x : values) squares += (x - m.mean) * (x - m.mean);
  m.sd = std::sqrt(squares / (m.n - 1));
  return m;
}

}  // namespace assay::stats
