// From one value a round to an estimate with its interval. The rounds are the sample: what happened inside a
// round was summarised before (paired.hpp), and pooled iterations never come here.
//
//     const auto e = ratio_from_rounds(log_ratios, {.clock_term = 1e-5});
//     if (e && e->interval) print(e->value, e->interval->low, e->interval->high);      // 0.52 [0.51, 0.53]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/stats/interval.hpp"
#include "harness/stats/location.hpp"

namespace assay::stats {

struct EstimateSettings {
  double confidence = 0.95;
  /// What the clock can hide in a round's value: tick / elapsed for logarithms (paired.hpp), else in the
  /// unit.
  double clock_term = 0;
  /// A metric without a clock: equal values are a fact, not a coarse reading.
  bool deterministic_if_equal = false;
  /// Rounds of the pilot, where Stein's rule fixed the number of rounds (stein.hpp).
  std::optional<int> pilot = std::nullopt;
  /// Of drawn permutations, which are used beyond 32 rounds.
  std::uint64_t seed = 585;
};

struct Estimate {
  /// What is printed: a ratio, or in the unit of the values.
  double value = 0;
  /// Around `value`; absent where the data can't carry one, and `warnings` says why.
  std::optional<Interval> interval = std::nullopt;
  double confidence = 0.95;
  int n = 0;  // rounds
  /// Of one round's value, in logarithms for ratios and geometric means; the pilot's under Stein.
  std::optional<double> sd = std::nullopt;
  /// On that same scale; present exactly where the interval is. Tests and equivalence start from here.
  std::optional<Location> location = std::nullopt;
  /// Of "ratio 1" or "difference 0", two-sided; absent for a mean of one side.
  std::optional<double> p_t = std::nullopt;
  /// The same without normality; from 6 rounds on.
  std::optional<double> p_permutation = std::nullopt;
  /// All rounds are equal, and were said to be exact: low = high = value.
  bool deterministic = false;
  /// Sentences for the reader.
  std::vector<std::string> warnings = {};
};

// All return nullopt where there is no round at all. An interval needs 2 rounds, and rounds that differ:
// without variance it is ± the clock term, or the value itself if `deterministic_if_equal`, or absent with a
// warning, because seven equal readings of an unknown clock are no proof of exactness.

/// exp(d̄), interval exp(d̄ ± (t_{R−1} s/√R + clock term)), from log ratios d_r = ln of − ln to.
/// Assumes that the d_r are independent and, roughly, normal; heavy symmetric tails make the interval too
/// wide rather than too narrow (Benjamini 1983), and a warning tells where t and permutation part.
std::optional<Estimate> ratio_from_rounds(std::span<const double> log_ratios,
                                          const EstimateSettings& settings = {});

/// d̄ ± (t_{R−1} s/√R + clock term), from differences of − to in the unit of the values: proportions, counts.
std::optional<Estimate> difference_from_rounds(std::span<const double> differences,
                                               const EstimateSettings& settings = {});

/// A cell's own value where it can be 0: arithmetic mean of one value a round, no p.
std::optional<Estimate> mean_of_rounds(std::span<const double> values, const EstimateSettings& settings = {});

/// A cell's own value where all are > 0: geometric mean of one value a round, no p. nullopt if a
/// value is not > 0.
std::optional<Estimate> geometric_mean_of_rounds(std::span<const double> values,
                                                 const EstimateSettings& settings = {});

/// Ratio of arithmetic means, for totals (energy, cost, throughput): of_r and to_r are the two sides' means
/// in round r. Interval by Fieller's theorem for paired values: the θ that a t test of mean(of − θ·to) = 0
/// does not reject. It is exact for normal pairs with any correlation. The delta method on logarithms has the
/// same coverage at the variation of benchmarks, but unequal tails where one side varies much (the coverage
/// test shows it), and one-sided questions (equivalence, hypotheses) need each tail to hold. `clock_term` is
/// relative. `sd` and `location` are of the linearised log ratio, for planning; p_t tests mean(of) =
/// mean(to). nullopt if the spans differ in length or a value is not > 0. Source: Fieller, J. R. Statist.
/// Soc. B 16 (1954); Kalibera & Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013).
std::optional<Estimate> ratio_of_means(std::span<const double> of, std::span<const double> to,
                                       const EstimateSettings& settings = {});

/// Two-sided p of "the ratio of means is `ratio`" (> 0), by the t test that Fieller's interval is the set of;
/// the clock's error is granted to the hypothesis. nullopt where ratio_of_means has no interval.
std::optional<double> ratio_of_means_p(std::span<const double> of, std::span<const double> to, double ratio,
                                       const EstimateSettings& settings = {});

}  // namespace assay::stats
