#include "harness/stats/power.hpp"

#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"

namespace assay::stats {
namespace {

double power_at(double noncentrality, double degrees, double critical) {
  return 1 - noncentral_t_cdf(critical, degrees, noncentrality) +
         noncentral_t_cdf(-critical, degrees, noncentrality);
}

}  // namespace

double power_of(double effect, double sd, int n, double alpha) {
  assert(sd > 0 && n >= 2 && alpha > 0 && alpha < 1);
  const double critical = t_quantile(1 - alpha / 2, n - 1);
  return power_at(std::abs(effect) * std::sqrt(static_cast<double>(n)) / sd, n - 1, critical);
}

std::optional<double> smallest_detectable(double sd, int n, double alpha, double power) {
  assert(sd >= 0 && alpha > 0 && alpha < power && power < 1);
  if (n < 2) return std::nullopt;
  const double critical = t_quantile(1 - alpha / 2, n - 1);
  double low = 0;
  double high = 1;
  while (power_at(high, n - 1, critical) < power) high *= 2;
  while (high - low > 1e-11 * high) {
    const double middle = (low + high) / 2;
    (power_at(middle, n - 1, critical) < power ? low : high) = middle;
  }
  return high * sd / std::sqrt(static_cast<double>(n));
}

double smallest_detectable_by_stein(double half_width, int n0, double alpha, double power,
                                    double confidence) {
  assert(half_width > 0 && n0 >= 2 && alpha > 0 && alpha < power && power < 1);
  const double degrees = n0 - 1;
  return half_width / t_quantile(0.5 + confidence / 2, degrees) *
         (t_quantile(1 - alpha / 2, degrees) + t_quantile(power, degrees));
}

}  // namespace assay::stats
