// What will be done, decided before anything runs: treatments, pairs, groups, and, by seed, every round's
// order. Pure: the same experiment and preset give the same plan and the same schedule on any machine.
//
//     Result<Plan> plan = make_plan(experiment, *experiment.preset("quick"));
//     for (int r = 1; r <= plan->preset.rounds; ++r) run(round_plan(*plan, r, quads));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/block.hpp"
#include "harness/plan/experiment.hpp"

namespace assay::plan {

inline constexpr int kLargestGroup = 6;  // treatments alive at once, control copies and peak not counted

struct PlannedTreatment {
  Treatment treatment;        // factors only: what tables show
  Treatment assignment;       // factors and controls: what the worker is told; without [against]'s `revision`
  std::string id;             // of `treatment`
  bool in_reference = false;  // done by the reference of [against]
  int worker = -1;            // index into experiment.workers; -1: a command does it
  int command = -1;           // index into experiment.commands; -1: a worker does it, or, of an import, nothing
  std::optional<int>
      baseline;  // index of the treatment it is compared with; none for a baseline or without one
};

/// Two treatments that some table or hypothesis compares; they share rounds.
struct Pair {
  int of = 0;
  int to = 0;
  bool in_table = true;  // false: only a hypothesis asks for it
};

/// Treatments that live together in a round. `members` holds the baseline, and is in plan order. In a duet a
/// group has two processes: a pair, or a baseline and its control copy.
struct Group {
  std::vector<int> members;
  int baseline = 0;         // whose copies are the controls
  bool is_control = false;  // of a duet: the baseline and `control`, its copy
  Role control = Role::same;
};

struct Plan {
  Experiment experiment;
  Preset preset;
  std::vector<PlannedTreatment> treatments;
  std::vector<Pair>
      pairs;  // table pairs in plan order (to the baseline, then along the ladder or pairwise), then hypotheses'
  std::vector<Group> groups;  // every pair is inside at least one
  std::vector<Treatment>
      peaks;  // the machine's limits that ride along: what the peak worker is told; may be empty
};

/// `largest_group` < kLargestGroup where memory is short. An Error if the baseline names no planned
/// treatment, if a hypothesis doesn't name exactly one, or if no worker serves a treatment.
Result<Plan> make_plan(Experiment experiment, Preset preset, int largest_group = kLargestGroup);

/// One process of a round.
struct Slot {
  int treatment = -1;  // index into plan.treatments; of a peak into plan.peaks
  Role role = Role::plain;
};

struct GroupRound {
  int group = 0;
  std::vector<Slot> slots;
  /// Each quad: slot indexes in order; every slot stands in it exactly twice, mirrored about the middle. In a
  /// single pass there is one, in which every slot stands once.
  std::vector<std::vector<int>> quads;
};

struct RoundPlan {
  int round = 1;
  std::uint64_t seed = 0;          // what workers get as {seed}: the same for all treatments of the round
  std::vector<GroupRound> groups;  // in the order in which they run
};

/// ABBA for two slots, a Williams sequence and its mirror image for more; in a duet two neighbours of that
/// order run at once, the first on one core and the second on the other, so that ABBA swaps them. All orders
/// are from experiment.seed and `round`. `single_pass`: by group, whether its slots have one place each, in
/// random order; empty: none.
RoundPlan round_plan(const Plan& plan, int round, int quads, const std::vector<bool>& single_pass = {});

/// One Williams sequence over 0…k−1 (Williams 1949): over the k (k even) or 2k (k odd) sequences `row`, every
/// element follows every other equally often.
std::vector<int> williams_row(int k, int row);

}  // namespace assay::plan
