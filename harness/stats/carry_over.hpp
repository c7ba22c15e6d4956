// Does a block suffer from the neighbour that ran before it? The settling is there so that it doesn't; this
// looks. The bias differs by working set and no A/A test can see it.
//
//     if (const auto c = round_carry_over(after_own, after_other)) of_rounds.push_back(*c);
//     const auto e = carry_over(of_rounds);
//     if (e && carry_over_matters(*e, half_width_of_the_log_ratio)) warn(e->value, e->interval);
#pragma once

#include <optional>
#include <span>

#include "harness/stats/estimate.hpp"

namespace assay::stats {

/// Of one treatment in one round: mean log time after a block of its own minus mean log time after another's.
/// Negative where a neighbour slows it down. nullopt if a side has no block, or a time is not > 0.
std::optional<double> round_carry_over(std::span<const double> after_own,
                                       std::span<const double> after_other);

/// Mean over the rounds with its interval, as a log ratio. The rounds are the sample here too.
std::optional<Estimate> carry_over(std::span<const double> of_rounds, const EstimateSettings& settings = {});

/// Beyond a quarter of the comparison's half-width (in logarithms): then the interval is about something else
/// than chance, and the next run should settle longer.
bool carry_over_matters(const Estimate& carry_over, double log_half_width);

}  // namespace assay::stats
