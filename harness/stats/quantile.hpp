// Medians and other quantiles, with intervals that assume nothing about the distribution.
//
//     const auto m = median_interval(latencies, 0.95);
//     if (m && m->interval) print(m->value, *m->interval, m->confidence);      // the achieved one: 0.969
#pragma once

#include <optional>
#include <span>

#include "harness/stats/estimate.hpp"

namespace assay::stats {

/// Middle value, or the mean of the two middle ones; nullopt if there is none.
std::optional<double> median(std::span<const double> values);

/// Smallest value that at least a part `p` of the values doesn't exceed (0 < p < 1): one of the
/// values, never something between two modes. nullopt if there is none.
std::optional<double> quantile(std::span<const double> values, double p);

/// Median with the narrowest symmetric pair of order statistics that covers it with at least `confidence`,
/// whatever the distribution. `confidence` of the result is the one achieved. Assumes independent values.
/// Below 6 values at 0.95 there is no interval, and `warnings` says so. nullopt if there is no value.
/// Source: Conover, Practical Nonparametric Statistics (3rd ed. 1999), §3.2.
std::optional<Estimate> median_interval(std::span<const double> values, double confidence);

/// The same for any quantile, each side holding an error of at most (1 − confidence)/2.
std::optional<Estimate> quantile_interval(std::span<const double> values, double p, double confidence);

}  // namespace assay::stats
