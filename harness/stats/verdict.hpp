// The words that a table or a sentence may print, and the rules by which they are given.
//
//     const Evidence e{.estimate = &ratio, .p_difference = p, .p_equivalence = q, .margin =
//     log_margin(0.01)}; const Judgement j = judge(e); if (j.further_rounds) say("inconclusive: some",
//     *j.further_rounds, "more rounds would settle it");
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/stats/estimate.hpp"
#include "harness/stats/interval.hpp"

namespace assay::stats {

enum class Verdict { better, worse, equivalent, inconclusive, incomparable };
enum class HypothesisVerdict { supported, refuted, inconclusive };
enum class Better { lower, higher };  // which way the metric is better
enum class Relation { less, less_equal, greater, greater_equal };

std::string_view name_of(Verdict verdict);
std::string_view name_of(HypothesisVerdict verdict);
/// "<=" and so on, as an experiment file writes it.
std::string_view name_of(Relation relation);
std::optional<Relation> relation_named(std::string_view sign);

inline constexpr double kSignificant = 0.05;

/// One comparison of `of` with `to`. The p are adjusted (multiplicity.hpp), each over its own family: all
/// difference tests of the table, all equivalence tests of the table.
struct Evidence {
  /// False: another clock or machine, or exactly one side was not measured here.
  bool comparable = true;
  /// Not null if comparable.
  const Estimate* estimate = nullptr;
  /// Adjusted p_t; absent: no verdict but inconclusive.
  std::optional<double> p_difference = std::nullopt;
  /// Adjusted p of equivalence.hpp; absent: equivalence is not asked for.
  std::optional<double> p_equivalence = std::nullopt;
  Better better = Better::lower;
  /// On the scale of estimate->location: log_margin(m) for ratios, m for differences; 0: none.
  double margin = 0;
  /// Tests planned in either family, for the number of further rounds.
  int difference_family = 1;
  int equivalence_family = 1;
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  /// Equivalent, and yet significantly different: small and real.
  bool detectable = false;
  /// Of inconclusive: how many more rounds would settle it, if any number would.
  std::optional<std::int64_t> further_rounds = std::nullopt;
};

/// Equivalence first, because a real difference below the margin is no news; then the difference by the
/// metric's direction; else inconclusive.
Judgement judge(const Evidence& evidence);

/// Rounds beyond the present ones until either test is significant, if center and deviation stay as they are.
/// Counts with the strictest step of Holm's rule (level / family), so it errs on the long side. nullopt where
/// no number of rounds helps: a coarse clock's slack, or an estimate without location. A projection, not a
/// licence to stop when it looks good: added rounds are a new, recorded run.
std::optional<std::int64_t> further_rounds(const Evidence& evidence);

/// Supported if the whole interval satisfies `value (relation) bound`, refuted if the whole interval violates
/// it. Without an interval it is inconclusive.
HypothesisVerdict judge_hypothesis(const std::optional<Interval>& interval, Relation relation, double bound);

/// The same for low ≤ value ≤ high: refuted if the interval lies wholly outside, on one side.
HypothesisVerdict judge_range(const std::optional<Interval>& interval, double low, double high);

/// The same decision for one of a family of confirmatory hypotheses: `p_adjusted` is two_sided_p(location,
/// bound), both on the location's scale, after Holm. With a family of one it agrees with the interval.
HypothesisVerdict judge_hypothesis_adjusted(double center, Relation relation, double bound,
                                            double p_adjusted);

}  // namespace assay::stats
