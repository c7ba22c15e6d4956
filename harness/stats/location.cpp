#include "harness/stats/location.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"
#include "harness/stats/moments.hpp"

namespace assay::stats {
namespace {

/// Upper tail of `distance` standard errors; a distance of 0 without any error proves nothing.
double tail(double distance, const Location& l) {
  if (l.standard_error <= 0) return distance > 0 ? 0 : 1;
  return t_upper_tail(distance / l.standard_error, l.degrees);
}

}  // namespace

std::optional<Location> mean_location(std::span<const double> values, std::optional<int> pilot,
                                      double slack) {
  const int n = static_cast<int>(values.size());
  const int spread_from = pilot.value_or(n);
  if (n < 2 || spread_from < 2 || spread_from > n) return std::nullopt;
  const Moments spread = moments(values.first(static_cast<std::size_t>(spread_from)));
  return Location{.center = mean(values),
                  .standard_error = *spread.sd / std::sqrt(static_cast<double>(n)),
                  .degrees = static_cast<double>(spread_from - 1),
                  .slack = slack};
}

Interval interval_of(const Location& l, double confidence) {
  assert(confidence > 0 && confidence < 1);
  double half = l.slack;
  if (l.standard_error > 0) half += t_quantile(0.5 + confidence / 2, l.degrees) * l.standard_error;
  return {l.center - half, l.center + half};
}

double two_sided_p(const Location& l, double at) {
  const double distance = std::abs(l.center - at) - l.slack;
  if (distance <= 0) return 1;
  return std::min(1.0, 2 * tail(distance, l));
}

double above_p(const Location& l, double at) {
  return tail(l.center - at - l.slack, l);
}
double below_p(const Location& l, double at) {
  return tail(at - l.center - l.slack, l);
}

}  // namespace assay::stats
