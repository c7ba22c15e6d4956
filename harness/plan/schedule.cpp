// The order of a round. Everything here is a function of the experiment's seed and the round's number.
#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>

#include "harness/core/random.hpp"
#include "harness/plan/plan.hpp"

namespace assay::plan {

namespace {

constexpr std::uint64_t kSeedBits =
    (std::uint64_t{1} << 53) - 1;  // exact in a double, so JSON readers keep it

std::vector<int> shuffled(int count, Random& random) {
  std::vector<int> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(std::span(order));
  return order;
}

/// Mirrored Williams rows under a random relabelling. All rows of the square are used, in random order,
/// before one comes again: over a whole square every slot follows every other equally often, in every round.
std::vector<std::vector<int>> quads_of(int slots, int count, Random& random) {
  const int rows = slots % 2 == 0 ? slots : 2 * slots;
  std::vector<std::vector<int>> quads;
  std::vector<int> labels, order;
  for (int q = 0; q < count; ++q) {
    if (q % rows == 0) {
      labels = shuffled(slots, random);
      order = shuffled(rows, random);
    }
    std::vector<int> quad = williams_row(slots, order[static_cast<std::size_t>(q % rows)]);
    for (int& slot : quad) slot = labels[static_cast<std::size_t>(slot)];
    std::vector<int> mirror(quad.rbegin(), quad.rend());
    quad.insert(quad.end(), mirror.begin(), mirror.end());
    quads.push_back(std::move(quad));
  }
  return quads;
}

std::vector<Slot> slots_of(const Plan& plan, const Group& group) {
  std::vector<Slot> slots;
  for (const int member : group.members) slots.push_back({member, Role::plain});
  if (plan.experiment.placement == Placement::duet) {
    if (group.is_control) slots.push_back({group.baseline, group.control});
    return slots;
  }
  slots.push_back({group.baseline, Role::same});
  if (plan.preset.slowed_control) slots.push_back({group.baseline, Role::slowed});
  for (int p = 0; p < std::ssize(plan.peaks); ++p) slots.push_back({p, Role::peak});
  return slots;
}

}  // namespace

std::vector<int> williams_row(int k, int row) {
  assert(k >= 1 && row >= 0);
  // 0, 1, k−1, 2, k−2, …: the steps +1, −2, +3, … are all different modulo an even k. Modulo an odd k each
  // comes twice or never, and the reversed rows supply the others.
  std::vector<int> sequence;
  for (int i = 0; i < k; ++i) sequence.push_back(i % 2 == 1 ? (i + 1) / 2 : (k - i / 2) % k);
  for (int& element : sequence) element = (element + row) % k;
  if (k % 2 == 1 && row / k % 2 == 1) std::reverse(sequence.begin(), sequence.end());
  return sequence;
}

RoundPlan round_plan(const Plan& plan, int round, int quads, const std::vector<bool>& single_pass) {
  const std::uint64_t seed = plan.experiment.seed;
  const auto index = static_cast<std::uint64_t>(round);
  RoundPlan result;
  result.round = round;
  result.seed = stream_seed(seed, "round", index) & kSeedBits;
  Random group_order(stream_seed(seed, "groups", index));
  for (const int g : shuffled(static_cast<int>(plan.groups.size()), group_order)) {
    // A stream of its own for each group: its order doesn't change when another group gains a member.
    Random order(stream_seed(stream_seed(seed, "order", index), "group", static_cast<std::uint64_t>(g)));
    GroupRound group{g, slots_of(plan, plan.groups[static_cast<std::size_t>(g)]), {}};
    const int slots = static_cast<int>(group.slots.size());
    const bool once =
        static_cast<std::size_t>(g) < single_pass.size() && single_pass[static_cast<std::size_t>(g)];
    if (once) {
      group.quads.push_back(shuffled(slots, order));
    } else {
      group.quads = quads_of(slots, quads, order);
    }
    result.groups.push_back(std::move(group));
  }
  return result;
}

}  // namespace assay::plan
