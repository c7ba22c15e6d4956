// Percentiles of single iterations: what one process's samples say about its own tail, and what a few
// processes' percentiles say about the median of all processes'.
//
//     const auto w = within_one_process(sorted, 0.99);      // describes this process only: another has
//     another layout const auto p = sign_test_p(percentiles, 0.005);       // one value a process
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "harness/stats/interval.hpp"

namespace assay::stats {

/// The p-quantile of one process's samples, with two bounds that hold for that process alone and only as far
/// as its samples are independent.
struct WithinProcess {
  double value = 0;
  /// Order statistics around `value` that cover the process's own p-quantile with 95 %; none below the
  /// samples that it takes.
  std::optional<Interval> binomial;
  /// MLPerf's early-stopping estimate: at 99 % confidence the p-quantile is no higher. None below the samples
  /// that it takes.
  std::optional<double> early_stopping;
};

/// Of ascending `sorted`, at least one value; 0 < p < 1. Source of `binomial`: quantile.hpp.
WithinProcess within_one_process(std::span<const double> sorted, double p);

/// How many of the highest of n samples MLPerf's early stopping may look past: the largest t ≥ 1 with
/// P(Bin(n, 1 − p) ≤ t) ≤ 1 − confidence; the bound is then the t-th highest sample. nullopt where not even t
/// = 1 holds: at 99 % below 64 samples for p = 0.9 and 662 for p = 0.99, the least numbers of MLPerf's rules.
/// Source: MLPerf Inference rules, appendix on early stopping, and loadgen's early_stopping.cc and
/// results.cc.
std::optional<std::int64_t> early_stopping_discards(std::int64_t n, double p, double confidence);

/// Two-sided p of "the median of the distribution is `bound`": 2 · min(P(X ≤ below), P(X ≤ above)) of X ~
/// Bin(n, ½), values equal to the bound left out. It is the test that median_interval inverts. 1 without
/// values. Source: Conover, Practical Nonparametric Statistics (3rd ed. 1999), §3.4.
double sign_test_p(std::span<const double> values, double bound);

}  // namespace assay::stats
