// Names of statistics: "typical", "mean", "median" and percentiles, which only samples of single iterations give.
//
//     percentile_of("p99.9") == 0.999      samples_needed(0.999) == 10'000
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

/// Samples that one process gives at most: more wouldn't fit into the longest reply.
inline constexpr std::int64_t kMostSamples = 1'000'000;

/// 0.99 of "p99", 0.999 of "p99.9"; nullopt if `statistic` is no percentile between 0 and 100, both excluded.
std::optional<double> percentile_of(std::string_view statistic);

/// typical, mean, median or a percentile.
bool is_statistic(std::string_view name);

/// Samples of one process below which the p-quantile isn't given: ⌈10 / (1 − p)⌉, so that about ten lie beyond it, and at
/// least as many as p needs on its other side. 0 < p < 1.
std::int64_t samples_needed(double p);

}  // namespace assay
