#include "harness/stats/stein.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"

namespace assay::stats {

double log_half_width(double target) {
  assert(target > 0);
  return std::log1p(target);
}

std::optional<std::int64_t> rounds_needed(double s0, int n0, double half_width, double confidence,
                                          double clock_term) {
  assert(s0 >= 0 && confidence > 0 && confidence < 1);
  const double width = half_width - clock_term;
  if (n0 < 2 || width <= 0) return std::nullopt;
  const double ratio = t_quantile(0.5 + confidence / 2, n0 - 1) * s0 / width;
  // A product that is a whole number up to rounding must not become one more round on another machine.
  const double needed = std::ceil(ratio * ratio * (1 - 1e-12));
  constexpr double kBeyondAnyPlan = 1e15;
  return std::max<std::int64_t>(n0, static_cast<std::int64_t>(std::min(needed, kBeyondAnyPlan)));
}

}  // namespace assay::stats
