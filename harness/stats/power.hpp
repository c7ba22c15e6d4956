// What a plan can show before it is run: the smallest difference that its rounds would find.
//
//     smallest_detectable(0.01, 15, 0.05, 0.8)      // deviation 1 % a round, 15 rounds → 0.0078: 0.8 %
#pragma once

#include <optional>

namespace assay::stats {

/// Chance that the two-sided t test of `n` ≥ 2 rounds at level `alpha` finds a true mean of `effect`, each
/// round with deviation `sd` > 0. By the noncentral t distribution, so it holds for few rounds too.
double power_of(double effect, double sd, int n, double alpha);

/// The effect, on the scale of `sd` (a log ratio for ratios), that is found with probability `power`; alpha <
/// power < 1. nullopt below 2 rounds. For one of m comparisons under Holm's rule, alpha / m is the safe
/// level.
std::optional<double> smallest_detectable(double sd, int n, double alpha, double power);

/// The same where Stein's rule (stein.hpp) sets the number of rounds for `half_width` at `confidence` from a
/// pilot of `n0` ≥ 2: h / t_{n₀−1}(confidence) · (t_{n₀−1}(1 − alpha/2) + t_{n₀−1}(power)). It needs no
/// deviation, which is what his theorem is about. Where the pilot alone is precise enough it is less.
/// Source: Stein (1945), with the other tail, which is nothing beside `power`, left out.
double smallest_detectable_by_stein(double half_width, int n0, double alpha, double power,
                                    double confidence = 0.95);

}  // namespace assay::stats
