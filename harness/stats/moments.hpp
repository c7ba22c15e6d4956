// Mean and standard deviation of a sample.
//
//     const Moments m = moments(log_ratios);
//     if (m.sd) interval(m.mean, *m.sd);
#pragma once

#include <optional>
#include <span>

namespace assay::stats {

struct Moments {
  int n = 0;
  double mean = 0;
  std::optional<double> sd = std::nullopt;  // with n − 1; absent below 2 values
};

/// Two passes, the mean corrected by the mean residual: equal values have a deviation of 0, not of some ulps.
/// Requires at least one value.
Moments moments(std::span<const double> values);

/// Requires at least one value.
double mean(std::span<const double> values);

}  // namespace assay::stats
