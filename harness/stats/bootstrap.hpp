// An interval for a mean without normality, where there are enough rounds for it.
//
//     const auto i = bootstrap_t_interval(log_ratios, 0.95, 585);
//     if (i) print(std::exp(i->low), std::exp(i->high));
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "harness/stats/interval.hpp"

namespace assay::stats {

/// Below this the bootstrap knows the tails no better than t does (the percentile kind covers 83 % at 5
/// rounds).
inline constexpr int kFewestForBootstrap = 20;
inline constexpr int kBootstrapDraws = 9'999;

/// Student's. It follows skewness, which t does not. nullopt below 20 values or without variance.
/// Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), §12.5.
std::optional<Interval> bootstrap_t_interval(std::span<const double> values, double confidence,
                                             std::uint64_t seed);

}  // namespace assay::stats
