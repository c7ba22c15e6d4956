// What a pilot says about the rounds that follow it: how many (Stein), and of how many quads each (Kalibera &
// Jones), so that the wanted precision costs least. Decided once, between the two stages; nobody looks again.
//
//     const auto plan = second_stage(pilot_pairs, {.start_s = 1.4, .block_s = 0.02}, 40,
//     log_half_width(0.01));
//     // … run plan->rounds − n₀ more rounds of plan->quads quads, then estimate from the first plan->quads
//     // quads of every round, the pilot's included: d̄ ± t_{n₀−1} s₀ / √n
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/stats/allocation.hpp"

namespace assay::stats {

/// The log ratio of each quad of one round, in the order in which they ran; nullopt: the quad was lost.
using RoundOfQuads = std::vector<std::optional<double>>;

/// One comparison's rounds so far.
struct PilotPair {
  std::vector<RoundOfQuads> rounds;
  int planned = 0;  // rounds, those that this pair lost among them; 0: it lost none
  /// Places that each number of a quad has in `rounds`: of a pair that lives in two groups, two, side by
  /// side.
  int per_quad = 1;
  double clock_term = 0;  // as in EstimateSettings
};

/// A round's value from its first `quads` quads alone: their median. Rounds that have none of them are left
/// out, as the report leaves them out.
std::vector<double> values_at(const PilotPair& pair, int quads);

/// Quads of the longest round, the lost ones among them.
int quads_of(const PilotPair& pair);

/// Variance between rounds, and within for one quad, such that a round of b quads has about between +
/// within / b. The quads' own variance would not do: a round's value is a median, for which rare slow quads
/// count little. So the round is cut into (about) four pieces, and their medians are what is analysed.
/// Where no round has two pieces all variance is between. nullopt below 2 rounds.
std::optional<VarianceComponents> components_of(const PilotPair& pair);

/// Deviation between rounds of `quads` quads: of their values where the pair has so many, else by its
/// components. nullopt below 2 rounds.
std::optional<double> sd_at(const PilotPair& pair, int quads);

/// Fewest quads to which a round is cut (if it has them). Where an interrupt hits one quad in ten, the median
/// of 3 is moved by two hits in 3 % of rounds: too seldom for a pilot of 7 to see, too often for an interval
/// of 95 %. Of 9 quads five would have to be hit: one round in a thousand.
inline constexpr int kFewestQuads = 9;

/// The number of quads a round, up to `most`, at which the pair that needs most reaches its width soonest:
/// the least max over pairs of (between + within/b) / width² · (start + b · block). With one pair it is
/// blocks_per_round's. `widths`: half-width of each pair without its clock term, > 0. `most` if nothing
/// varies. Source: Kalibera & Jones (ISMM 2013).
int cheapest_quads(std::span<const VarianceComponents> pairs, std::span<const double> widths,
                   const Costs& costs, int most);

/// The same from pilots; pairs whose clock is coarser than `half_width`, or with less than 2 rounds, have no
/// say. `costs.block_s` of 0: unknown, and the quads stay at `most`. `between` is taken as if rounds of
/// `most` quads had twice the variance that the pilot saw: seven rounds know it poorly, and where it comes
/// out too small by chance, many quads would be kept and their s₀, too small by the same chance, be believed.
/// (tests/trust/planning.cpp has what plans then cover.)
int cheapest_quads(std::span<const PilotPair> pairs, const Costs& costs, int most, double half_width);

/// Quads of a pilot's rounds, kFewestQuads to `most` (or `most`, if that is less): the cheapest number where
/// quads deviate 15 times as much as processes do, as noisy blocks as were seen. More would only be cut
/// again by the second stage, and a pilot whose starts are cheap would cost more than the rounds after it.
int pilot_quads(const Costs& costs, int most);

struct SecondStage {
  int quads = 1;                  // of each round, the pilot's included
  std::int64_t rounds = 0;        // the pilot's included
  bool clock_too_coarse = false;  // of some pair: no number of rounds reaches the width
};

/// The plan after the pilot: quads by `cheapest_quads` from all pairs' components, then Stein's number of
/// rounds from the pilot *reduced to that many quads*, because his theorem wants the same variance in both
/// stages. The largest need decides.
///
/// The quads are not chosen where s₀ happens to be least: over 40 noisy candidates that would favour the
/// luckiest, and the interval would cover less than it says. They follow from two components instead, which
/// are common to all candidates. For the same reason a pilot that is precise enough with all of its quads is
/// cut, too. The choice uses only how rounds and quads differ from each other, never where they lie, so that
/// under normality d̄ is independent of it (test_second_stage.cpp has the coverage).
/// nullopt where no pair has 2 rounds.
std::optional<SecondStage> second_stage(std::span<const PilotPair> pairs, const Costs& costs, int most,
                                        double half_width, double confidence = 0.95);

}  // namespace assay::stats
