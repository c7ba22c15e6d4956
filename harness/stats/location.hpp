// A mean with a t-distributed error: the one thing from which intervals, tests and equivalence are
// calculated, so that they can't contradict each other (a 95 % interval excludes 0 exactly where the
// two-sided p < 0.05).
//
//     const Location d = *mean_location(log_ratios, {});
//     const Interval i = interval_of(d, 0.95);        // in logarithms
//     const double p = two_sided_p(d, 0);
#pragma once

#include <optional>
#include <span>

#include "harness/stats/interval.hpp"

namespace assay::stats {

struct Location {
  double center = 0;
  double standard_error = 0;  // 0 for a deterministic value
  double degrees = 1;
  double slack = 0;  // bound on an error that more rounds don't average out: a coarse clock's tick / elapsed
};

/// Mean of `values`, standard error s/√n with n − 1 degrees of freedom. With `pilot` = n₀ (2 ≤ n₀ ≤ n), n was
/// chosen by Stein's rule from the first n₀ values, and s and the degrees of freedom are those of the pilot.
/// nullopt below 2 values or for a pilot that doesn't fit.
std::optional<Location> mean_location(std::span<const double> values, std::optional<int> pilot,
                                      double slack = 0);

/// center ± (t · standard_error + slack); 0 < confidence < 1.
Interval interval_of(const Location& location, double confidence);

/// p of "the true value is `at`", two-sided. An error up to `slack` is granted to the hypothesis, so that
/// this is the dual of `interval_of`; without standard error it is 1 within the slack and 0 beyond.
double two_sided_p(const Location& location, double at);
/// p of "the true value is at most `at`": small where the data lie above it.
double above_p(const Location& location, double at);
/// p of "the true value is at least `at`": small where the data lie below it.
double below_p(const Location& location, double at);

}  // namespace assay::stats
