#include "harness/stats/tail.hpp"

#include <algorithm>
#include <cassert>

#include "harness/stats/distributions.hpp"
#include "harness/stats/quantile.hpp"

namespace assay::stats {
namespace {

constexpr double kWithinConfidence = 0.95;
constexpr double kEarlyStoppingConfidence = 0.99;

}  // namespace

std::optional<std::int64_t> early_stopping_discards(std::int64_t n, double p, double confidence) {
  assert(p > 0 && p < 1 && confidence > 0 && confidence < 1);
  const auto holds = [&](std::int64_t t) { return binomial_cdf(t, n, 1 - p) <= 1 - confidence; };
  if (n < 2 || !holds(1)) return std::nullopt;
  std::int64_t most = 1, too_many = n;  // P(X ≤ n) is 1
  while (too_many - most > 1) {
    const std::int64_t middle = most + (too_many - most) / 2;
    (holds(middle) ? most : too_many) = middle;
  }
  return most;
}

WithinProcess within_one_process(std::span<const double> sorted, double p) {
  assert(!sorted.empty() && std::is_sorted(sorted.begin(), sorted.end()));
  const auto estimate = quantile_interval(sorted, p, kWithinConfidence);
  WithinProcess within{estimate->value, estimate->interval, std::nullopt};
  const auto discards =
      early_stopping_discards(static_cast<std::int64_t>(sorted.size()), p, kEarlyStoppingConfidence);
  if (discards) within.early_stopping = sorted[sorted.size() - static_cast<std::size_t>(*discards)];
  return within;
}

double sign_test_p(std::span<const double> values, double bound) {
  const auto below = std::count_if(values.begin(), values.end(), [&](double x) { return x < bound; });
  const auto above = std::count_if(values.begin(), values.end(), [&](double x) { return x > bound; });
  const std::int64_t n = below + above;
  if (n == 0) return 1;
  return std::min(1.0, 2 * binomial_cdf(std::min(below, above), n, 0.5));
}

}  // namespace assay::stats
