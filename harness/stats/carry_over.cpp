#include "harness/stats/carry_over.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/moments.hpp"

namespace assay::stats {
namespace {

std::optional<double> mean_log(std::span<const double> times) {
  if (times.empty() || !std::all_of(times.begin(), times.end(), [](double x) { return x > 0; }))
    return std::nullopt;
  std::vector<double> logs;
  for (const double x : times) logs.push_back(std::log(x));
  return mean(logs);
}

}  // namespace

std::optional<double> round_carry_over(std::span<const double> after_own,
                                       std::span<const double> after_other) {
  const auto own = mean_log(after_own);
  const auto other = mean_log(after_other);
  if (!own || !other) return std::nullopt;
  return *own - *other;
}

std::optional<Estimate> carry_over(std::span<const double> of_rounds, const EstimateSettings& settings) {
  return difference_from_rounds(of_rounds, settings);
}

bool carry_over_matters(const Estimate& carry_over, double log_half_width) {
  return std::abs(carry_over.value) > log_half_width / 4;
}

}  // namespace assay::stats
