// From a run's blocks to estimates: of one side alone, and of one side against another in the same rounds.
// This is the only file that hands values to the statistics; what it hands over is METHODOLOGY's definition.
//
//     const Contrast c = contrast(run, planned, {.treatment = 3}, {.treatment = 0}, metric, "typical");
//     if (c.estimate) print(number_of(*c.estimate));
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/stats/estimate.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

enum class Scale { ratio, difference };

/// Ratios for times, rates and sizes; differences for what can be 0.
Scale natural_scale(const Metric& metric);

/// Why a statistic can't be had from a run without a tail phase, or nothing if it can.
std::optional<std::string> unavailable(std::string_view statistic);

struct Contrast {
  Scale scale = Scale::ratio;
  std::optional<stats::Estimate> estimate;  // of / to, or of − to; nothing without a shared round
  std::optional<double> p_equivalence;      // not adjusted
};

/// `of` against `to`, paired within rounds and groups. `typical`: median over the round's quads of the
/// mirrored log ratio. `mean`, and every statistic of a metric with estimand "mean": ratio of the rounds'
/// arithmetic means. `median`: log ratio of the rounds' medians. Differences are of arithmetic means.
Contrast contrast(const record::RunRecord& run, const Planned& planned, record::Side of, record::Side to,
                  const PlannedMetric& metric, std::string_view statistic, Scale scale);

/// One side's own value: geometric mean over rounds of the round's summary; arithmetic for what can be 0 and
/// for means.
std::optional<stats::Estimate> own_value(const record::RunRecord& run, const Planned& planned,
                                         record::Side side, const PlannedMetric& metric,
                                         std::string_view statistic);

}  // namespace assay::reports
