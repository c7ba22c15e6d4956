// Two classifiers on the same items: what the items on which they disagree say about the difference of their
// shares of right answers, and whether one keeps at least a given part of the other's.
//
//     const PairedCounts counts{.both = 9890, .only_of = 12, .only_to = 21, .neither = 77};
//     mcnemar_mid_p(counts);                          // 0.12: do they differ?
//     newcombe_difference(counts, 0.95);              // [-0.0022, 0.0003], of − to
//     ratio_gate_p(counts, 0.99) < 0.05;              // true: `of` keeps 99 % of the accuracy of `to`
#pragma once

#include <cstdint>
#include <optional>

#include "harness/stats/interval.hpp"

namespace assay::stats {

/// Items by who was right about them. Counts ≥ 0.
struct PairedCounts {
  std::int64_t both = 0;
  std::int64_t only_of = 0;
  std::int64_t only_to = 0;
  std::int64_t neither = 0;

  std::int64_t items() const { return both + only_of + only_to + neither; }
  std::int64_t of() const { return both + only_of; }
  std::int64_t to() const { return both + only_to; }
};

// ── Do they differ? Two-sided p of "both shares are equal"
// ─────────────────────────────────────────────────────────

/// Sign test of the items on which they disagree; 1 without such items. Never too small, often too large.
/// Source: McNemar, Psychometrika 12 (1947); Fagerland, Lydersen & Laake, BMC Med. Res. Methodol. 13:91
/// (2013).
double mcnemar_exact_p(const PairedCounts& counts);

/// The same with half of the observed outcome's probability, which holds the level in practice and has more
/// power. Source: Fagerland, Lydersen & Laake 2013, who recommend it. 1 without items on which they disagree.
double mcnemar_mid_p(const PairedCounts& counts);

// ── By how much? Shares of − to; nullopt without items
// ─────────────────────────────────────────────────────────────

/// Wilson's intervals of both sides, squared and added, with the correlation of the sides corrected for
/// continuity. Has a width even where they never disagree. Source: Newcombe, Statistics in Medicine 17 (1998)
/// 2635–2650, method 10.
std::optional<Interval> newcombe_difference(const PairedCounts& counts, double confidence);

/// z of "the difference is `delta`", −1 < delta < 1; positive where the data lie above. 0 where nothing
/// varies and nothing differs. Source: Tango, Statistics in Medicine 17 (1998) 891–908.
double difference_score_z(const PairedCounts& counts, double delta);

/// The differences that this test doesn't reject, two-sided.
std::optional<Interval> tango_difference(const PairedCounts& counts, double confidence);

/// The larger p of the two one-sided score tests that the difference lies within ± margin, 0 < margin < 1:
/// below 0.05 exactly where Tango's 90 % interval lies inside. 1 without items.
double difference_equivalence_p(const PairedCounts& counts, double margin);

// ── How much of it is kept? Shares of / to
// ─────────────────────────────────────────────────────────────────────────

/// z of "the ratio is `theta`", theta > 0: (x_of − θ x_to) / √(n θ (p̃_of-only + p̃_to-only)) with the
/// likelihood's maximum under that ratio. Positive where the data lie above; 0 without a right answer on
/// either side. Source: Nam & Blackwelder, Statistics in Medicine 21 (2002) 689–699; Tang, Tang & Chan, ibid.
/// 22 (2003) 1217–1233.
double ratio_score_z(const PairedCounts& counts, double theta);

/// One-sided p of "`of` has less than `theta` times the share of `to`": small where it has as much. 1 where
/// no item was answered right by either.
double ratio_gate_p(const PairedCounts& counts, double theta);

struct RatioInterval {
  double value = 0;
  double low = 0;
  double high = 0;
};
/// The ratios that the test doesn't reject. nullopt where `to` has no right answer: there is no ratio then.
std::optional<RatioInterval> paired_ratio(const PairedCounts& counts, double confidence);

}  // namespace assay::stats
