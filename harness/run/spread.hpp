// What a run's rounds say about noise: the values from which the second stage of a run and the plan of the next one
// are calculated.
//
//     const auto metric = planning_metric(run);
//     const auto pilots = spread_of(run, plan.pairs, *metric);
//     const auto sd = stats::sd_at(pilots[0], calibration.quads);
#pragma once

#include <optional>
#include <vector>

#include "harness/plan/plan.hpp"
#include "harness/record/run_record.hpp"
#include "harness/stats/second_stage.hpp"

namespace assay::run {

/// Index of the metric that plans are made for: the first that blocks time and ratios compare; nullopt without one.
std::optional<int> planning_metric(const record::RunRecord& run);

/// For each of `pairs`, in their order: the log ratios of the quads of every complete round that both sides lived
/// through, and what a clock of a nanosecond hides in them. A pair without such a round, or of which a block was read
/// as 0, has no rounds.
std::vector<stats::PilotPair> spread_of(const record::RunRecord& run, const std::vector<plan::Pair>& pairs, int metric);

}  // namespace assay::run
