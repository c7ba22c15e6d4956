#include "harness/stats/proportion.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"

namespace assay::stats {

std::optional<Interval> wilson(std::int64_t k, std::int64_t n, double confidence) {
  assert(k >= 0 && k <= n && confidence > 0 && confidence < 1);
  if (n == 0) return std::nullopt;
  const double items = static_cast<double>(n);
  const double share = static_cast<double>(k) / items;
  const double z = normal_quantile(0.5 + confidence / 2);
  const double middle = share + z * z / (2 * items);
  const double half = z * std::sqrt(share * (1 - share) / items + z * z / (4 * items * items));
  const double scale = 1 + z * z / items;
  // At the ends the formula is 0 or 1 but for rounding.
  return Interval{k == 0 ? 0 : std::max(0.0, (middle - half) / scale),
                  k == n ? 1 : std::min(1.0, (middle + half) / scale)};
}

std::optional<Interval> clopper_pearson(std::int64_t k, std::int64_t n, double confidence) {
  assert(k >= 0 && k <= n && confidence > 0 && confidence < 1);
  if (n == 0) return std::nullopt;
  const double side = (1 - confidence) / 2;
  const double right = static_cast<double>(k);
  const double wrong = static_cast<double>(n - k);
  return Interval{k == 0 ? 0 : beta_quantile(side, right, wrong + 1),
                  k == n ? 1 : beta_quantile(1 - side, right + 1, wrong)};
}

}  // namespace assay::stats
