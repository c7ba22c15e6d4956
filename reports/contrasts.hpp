// From a run's blocks to estimates: of one side alone, and of one side against another in the same rounds.
// This is the only file that hands values to the statistics; what it hands over is METHODOLOGY's definition.
//
//     const Contrast c = contrast(run, planned, {.treatment = 3}, {.treatment = 0}, metric, "typical");
//     if (c.estimate) print(number_of(*c.estimate));
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/paired_proportions.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

enum class Scale { ratio, difference };

/// Ratios for times, rates and sizes; differences for what can be 0.
Scale natural_scale(const Metric& metric);

struct Contrast {
  Scale scale = Scale::ratio;
  std::optional<stats::Estimate> estimate;  // of / to, or of − to; nothing without a shared round
  std::optional<double> p_equivalence;      // not adjusted
  /// Of a ratio of means: p of "the ratio is …", by the test that its interval belongs to.
  std::function<std::optional<double>(double)> p_of_ratio = {};
  std::optional<stats::PairedCounts> items = {};  // where interval and p are over these, not over rounds
};

/// `of` against `to`, paired within rounds and groups. `typical`: median over the round's quads of the
/// mirrored log ratio. `mean`, and `typical` of a metric with estimand "mean": ratio of the rounds' means.
/// `median`: log ratio of the rounds' medians. Differences are of means. Means are arithmetic, of rates
/// harmonic: blocks do equal work, so that it is all work over all time (Hoefler & Belli 2015, rule 3). A
/// percentile: log ratio (or difference) of both processes' percentiles in a round (tails.hpp).
Contrast contrast(const record::RunRecord& run, const Planned& planned, record::Side of, record::Side to,
                  const PlannedMetric& metric, std::string_view statistic, Scale scale);

/// Two-sided p of "the ratio (or difference) is exactly `bound`"; nothing without an interval, or for a ratio
/// that can't be (bound ≤ 0).
std::optional<double> p_of_bound(const Contrast& contrast, double bound);

/// By round: ln of − ln to, as `contrast` on the ratio scale takes it; of a mean, of the round's means. Empty
/// for a percentile, and where a value is not > 0.
std::map<int, double> round_log_ratios(const record::RunRecord& run, record::Side of, record::Side to,
                                       const PlannedMetric& metric, std::string_view statistic);

/// What the clock can hide in these, in logarithms; 0 for a metric that no clock times.
double clock_term_of(const record::RunRecord& run, const PlannedMetric& metric,
                     std::initializer_list<record::Side> sides);

/// One side's own value: geometric mean over rounds of the round's summary; the mean for what can be 0 and
/// for means, harmonic for rates; of percentiles the median over rounds. A proportion that is known item by
/// item (item_results.hpp) has its interval over items.
std::optional<stats::Estimate> own_value(const record::RunRecord& run, const Planned& planned,
                                         record::Side side, const PlannedMetric& metric,
                                         std::string_view statistic);

/// Two-sided p of "own_value is `bound`", by the test that its interval belongs to. Nothing without an
/// interval, and for a bound that its scale doesn't know (≤ 0 under logarithms and reciprocals).
std::optional<double> own_value_p(const record::RunRecord& run, record::Side side,
                                  const PlannedMetric& metric, std::string_view statistic,
                                  const stats::Estimate& own, double bound);

}  // namespace assay::reports
