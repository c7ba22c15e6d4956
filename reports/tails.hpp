// Percentiles: from the samples of the tail phase to a cell's value and a comparison, and why there may be
// none.
//
//     if (const auto why = no_percentile(run, planned, side, metric, "p99")) return unsupported(*why);
//     const std::vector<RoundTail> rounds = percentile_rounds(run, side, 0.99);      // one value a round
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/tail.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// Why a side has no value of a percentile; nothing if it has one, or if `statistic` is no percentile. Too
/// few samples begin with `too_few_samples`, and say how many there were, how many are needed and what to do.
std::optional<std::string> no_percentile(const record::RunRecord& run, const Planned& planned,
                                         record::Side side, const PlannedMetric& metric,
                                         std::string_view statistic);

/// The percentile of a round: the median over the side's processes in it (a baseline has one in each group).
struct RoundTail {
  int round = 0;
  double value = 0;
};
std::vector<RoundTail> percentile_rounds(const record::RunRecord& run, record::Side side, double p);

/// Paired: ln of − ln to (or of − to) of the percentiles of both sides' processes in one group of one round,
/// the mean over shared groups. A round in which a percentile is not > 0 leaves no logarithms at all.
std::vector<RoundTail> paired_log_percentiles(const record::RunRecord& run, record::Side of, record::Side to,
                                              double p);
std::vector<RoundTail> paired_percentile_differences(const record::RunRecord& run, record::Side of,
                                                     record::Side to, double p);

/// The median over rounds with its order-statistic interval, a tick of the clock wider on either side.
std::optional<stats::Estimate> percentile_value(const record::RunRecord& run, record::Side side, double p);

/// What the clock's tick can hide in the log of this side's percentile.
double percentile_clock_term(const record::RunRecord& run, record::Side side, double p);

/// One process's own view of its tail.
struct ProcessTail {
  int round = 0;
  std::int64_t samples = 0;
  stats::WithinProcess within;
};
std::vector<ProcessTail> process_tails(const record::RunRecord& run, record::Side side, double p);

/// What share of a treatment's iterations took longer than how many seconds: from nearly all of them down to the share that ten
/// samples of each process still tell, `shares` falling, `values_s` rising. The median over processes of each one's own quantile.
struct TailCurve {
  int treatment = 0;
  std::vector<double> shares, values_s;
};
/// Of the treatments whose processes sent samples, in the plan's order.
std::vector<TailCurve> tail_curves(const record::RunRecord& run, const Planned& planned);

}  // namespace assay::reports
