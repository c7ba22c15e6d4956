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

std::optional<RoundsExpected> rounds_expected(double sd, int n0, double half_width, double confidence,
                                              double clock_term) {
  const auto typical = rounds_needed(sd, n0, half_width, confidence, clock_term);
  if (!typical) return std::nullopt;
  const auto at = [&](double p) {
    const double s0 = sd * std::sqrt(chi_squared_quantile(p, n0 - 1) / (n0 - 1));
    return *rounds_needed(s0, n0, half_width, confidence, clock_term);
  };
  return RoundsExpected{.typical = *typical, .low = at(0.05), .high = at(0.95)};
}

}  // namespace assay::stats
