#include "harness/stats/equivalence.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace assay::stats {

double log_margin(double margin) {
  assert(margin > 0 && margin < 1);
  return -std::log1p(-margin);
}

double difference_equivalence_p(const Location& difference, double margin) {
  assert(margin > 0);
  return std::max(above_p(difference, -margin), below_p(difference, margin));
}

double ratio_equivalence_p(const Location& log_ratio, double margin) {
  return difference_equivalence_p(log_ratio, log_margin(margin));
}

std::optional<double> ratio_of_means_equivalence_p(std::span<const double> of, std::span<const double> to,
                                                   double margin, const EstimateSettings& settings) {
  const auto ratio = ratio_of_means(of, to, settings);
  if (!ratio || !ratio->location) return std::nullopt;
  if (ratio->location->standard_error <= 0) return ratio_equivalence_p(*ratio->location, margin);
  const auto contrast = [&](double log_theta) {
    std::vector<double> values;
    for (std::size_t r = 0; r < of.size(); ++r) values.push_back(of[r] - std::exp(log_theta) * to[r]);
    return *mean_location(values, settings.pilot);
  };
  const double bound =
      log_margin(margin) - settings.clock_term;  // the clock's error is granted to the difference
  if (bound <= 0) return 1.0;
  return std::max(above_p(contrast(-bound), 0), below_p(contrast(bound), 0));
}

}  // namespace assay::stats
