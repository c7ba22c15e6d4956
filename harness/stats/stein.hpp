// How many rounds a wanted precision takes, decided once, from a pilot, so that nobody peeks. A rule of the
// kind "stop when the interval is narrow" stops where the deviation happens to be small, and covers less than
// it says.
//
//     const auto n = rounds_needed(*pilot.sd, pilot.n, log_half_width(0.01), 0.95);
//     // … run *n − pilot.n more, then, with all of them:
//     const auto e = ratio_from_rounds(log_ratios, {.pilot = pilot.n});       // d̄ ± t_{n₀−1} s₀ / √n
#pragma once

#include <cstdint>
#include <optional>

namespace assay::stats {

/// ln(1 + target): this half-width in logarithms keeps both ends of a ratio's interval within `target` of it,
/// relatively.
double log_half_width(double target);

/// max(n₀, ⌈t²_{n₀−1} s₀² / h²⌉): with that many rounds, the pilot's included, an interval built with the
/// pilot's s₀ and its n₀ − 1 degrees of freedom has a half-width of at most `half_width` and covers with at
/// least `confidence`, under normality whatever σ is. `clock_term` is taken off the width first, as it
/// doesn't shrink. nullopt for a pilot below 2 rounds, or where the clock alone is too coarse for the width.
/// Source: Stein, "A two-sample test for a linear hypothesis whose power is independent of the variance",
/// Ann. Math. Statist. 16 (1945).
std::optional<std::int64_t> rounds_needed(double s0, int n0, double half_width, double confidence,
                                          double clock_term = 0);

/// What pilots will ask for, if the deviation is `sd`: their s₀² scatters like sd² χ²_{n₀−1}/(n₀−1), and so
/// does their number of rounds.
struct RoundsExpected {
  std::int64_t typical = 0;        // for a pilot that finds sd itself
  std::int64_t low = 0, high = 0;  // 9 of 10 pilots lie between
};

/// As `rounds_needed`, before there is a pilot; nullopt where that is.
std::optional<RoundsExpected> rounds_expected(double sd, int n0, double half_width, double confidence,
                                              double clock_term = 0);

}  // namespace assay::stats
