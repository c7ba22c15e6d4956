// From the blocks of one round to its one value. A quad holds two blocks of each side, in mirrored order
// (ABBA, or the same two sides out of a longer mirrored sequence), so that a linear drift cancels.
//
//     std::vector<Quad> quads = {{.of1 = 2.1e-3, .of2 = 2.0e-3, .to1 = 4.0e-3, .to2 = 4.2e-3}};
//     if (const auto d = round_log_ratio(quads)) log_ratios.push_back(*d);     // one value a round
#pragma once

#include <optional>
#include <span>

namespace assay::stats {

/// `of` is what is compared, `to` the baseline. Values per iteration, e.g. seconds: elapsed / iterations.
struct Quad {
  double of1 = 0;
  double of2 = 0;
  double to1 = 0;
  double to2 = 0;
};

/// ½ (ln of₁ + ln of₂ − ln to₁ − ln to₂): positive where `of` is larger. Requires values > 0.
double quad_log_ratio(const Quad& quad);

/// Median over the quads, because one interrupt can double a block. nullopt if there is no quad, or if a
/// value is not > 0: a block that a coarse clock reads as 0 has no logarithm, and to leave it out would be a
/// choice by result.
std::optional<double> round_log_ratio(std::span<const Quad> quads);

/// ½ (of₁ + of₂ − to₁ − to₂), in the unit of the values.
double quad_difference(const Quad& quad);

/// Mean over the quads, not the median: of counts and statuses that are mostly 0 the median is 0, and a rare
/// failure would vanish. nullopt if there is no quad.
std::optional<double> round_difference(std::span<const Quad> quads);

/// What a clock with `tick` can hide in a log ratio of blocks that lasted `elapsed`: tick / the shortest.
/// Same unit for both; nullopt if there is no block or one lasted 0 ticks.
std::optional<double> clock_term(double tick, std::span<const double> elapsed);

}  // namespace assay::stats
