#include "harness/stats/quantile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/stats/distributions.hpp"

namespace assay::stats {
namespace {

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

/// Rank, from 1, of the p-quantile: ⌈np⌉, forgiving the rounding of 0.99 · 100 to above 99.
std::size_t rank_of(std::size_t n, double p) {
  const double exact = static_cast<double>(n) * p;
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(exact * (1 - 1e-12))), 1, n);
}

/// The first i in [first, last) for which `is_so` no longer holds, which once it doesn't never does again;
/// `last` if it always holds.
template <class IsSo>
std::int64_t first_without(std::int64_t first, std::int64_t last, const IsSo& is_so) {
  while (first < last) {
    const std::int64_t middle = first + (last - first) / 2;
    if (is_so(middle)) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

std::optional<Estimate> with_interval(const std::vector<double>& xs, double value, double p,
                                      double confidence) {
  assert(p > 0 && p < 1 && confidence > 0 && confidence < 1);
  Estimate e;
  e.value = value;
  e.n = static_cast<int>(xs.size());
  e.confidence = confidence;
  const std::int64_t n = e.n;
  const double side = (1 - confidence) / 2;
  // The count X of values below the quantile is binomial. The quantile lies below x_(r) where X ≤ r − 1,
  // above x_(s) where X ≥ s.
  // The largest r with P(X ≤ r − 1) ≤ side, and the smallest s with P(X ≥ s) ≤ side.
  const auto r = first_without(0, n, [&](std::int64_t x) { return binomial_cdf(x, n, p) <= side; });
  const auto s =
      first_without(1, n + 1, [&](std::int64_t x) { return 1 - binomial_cdf(x - 1, n, p) > side; });
  if (r < 1 || s > n) {
    e.warnings.push_back(std::to_string(n) + (n == 1 ? " value is" : " values are") +
                         " too few for an interval of this quantile at this confidence");
    return e;
  }
  e.confidence = binomial_cdf(s - 1, n, p) - binomial_cdf(r - 1, n, p);
  e.interval = Interval{xs[static_cast<std::size_t>(r - 1)], xs[static_cast<std::size_t>(s - 1)]};
  return e;
}

}  // namespace

std::optional<double> median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const std::vector<double> xs = sorted(values);
  const std::size_t half = xs.size() / 2;
  return xs.size() % 2 == 1 ? xs[half] : xs[half - 1] + (xs[half] - xs[half - 1]) / 2;
}

std::optional<double> quantile(std::span<const double> values, double p) {
  assert(p > 0 && p < 1);
  if (values.empty()) return std::nullopt;
  std::vector<double> xs(values.begin(), values.end());
  const auto at = xs.begin() + static_cast<std::ptrdiff_t>(rank_of(xs.size(), p) - 1);
  std::nth_element(xs.begin(), at, xs.end());
  return *at;
}

std::optional<Estimate> median_interval(std::span<const double> values, double confidence) {
  if (values.empty()) return std::nullopt;
  return with_interval(sorted(values), *median(values), 0.5, confidence);
}

std::optional<Estimate> quantile_interval(std::span<const double> values, double p, double confidence) {
  if (values.empty()) return std::nullopt;
  return with_interval(sorted(values), *quantile(values, p), p, confidence);
}

}  // namespace assay::stats
