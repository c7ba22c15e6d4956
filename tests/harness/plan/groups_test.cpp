#include "harness/plan/groups.hpp"

#include <algorithm>
#include <set>

#include "harness/core/random.hpp"
#include "tests/catch.hpp"

using namespace assay;
using plan::Group;
using plan::Pair;
using plan::PlannedTreatment;

namespace {

/// `count` treatments of which the first is the others' baseline.
std::vector<PlannedTreatment> one_baseline(int count) {
  std::vector<PlannedTreatment> treatments(static_cast<std::size_t>(count));
  for (int i = 1; i < count; ++i) treatments[static_cast<std::size_t>(i)].baseline = 0;
  return treatments;
}

std::vector<Pair> baseline_pairs(const std::vector<PlannedTreatment>& treatments) {
  std::vector<Pair> pairs;
  for (int i = 0; i < static_cast<int>(treatments.size()); ++i) {
    if (const auto to = treatments[static_cast<std::size_t>(i)].baseline) pairs.push_back({i, *to, true});
  }
  return pairs;
}

bool holds(const Group& group, int treatment) {
  return std::find(group.members.begin(), group.members.end(), treatment) != group.members.end();
}

std::vector<std::vector<int>> members_of(const std::vector<Group>& groups) {
  std::vector<std::vector<int>> all;
  for (const Group& group : groups) all.push_back(group.members);
  return all;
}

using Members = std::vector<std::vector<int>>;

}  // namespace

TEST_CASE("a comparison that fits is one group in plan order") {
  const auto treatments = one_baseline(6);
  const auto groups = plan::make_groups(treatments, baseline_pairs(treatments), 6);
  CHECK(members_of(groups) == Members{{0, 1, 2, 3, 4, 5}});
  CHECK(groups.front().baseline == 0);
}

TEST_CASE("a larger comparison is split evenly, with the baseline in every group") {
  const auto treatments = one_baseline(12);  // 11 beside the baseline: 4 + 4 + 3, and not 5 + 5 + 1
  const auto groups = plan::make_groups(treatments, baseline_pairs(treatments), 6);
  REQUIRE(groups.size() == 3);
  for (const Group& group : groups) {
    CHECK(holds(group, 0));
    CHECK((group.members.size() == 4 || group.members.size() == 5));
  }
}

TEST_CASE("a ladder of eight keeps every rung with the one before it, in two groups") {
  const auto treatments = one_baseline(8);
  auto pairs = baseline_pairs(treatments);
  for (int i = 2; i < 8; ++i) pairs.push_back({i, i - 1, true});
  CHECK(members_of(plan::make_groups(treatments, pairs, 6)) == Members{{0, 1, 2, 3, 4}, {0, 4, 5, 6, 7}});
}

TEST_CASE("treatments of different baselines live apart") {
  std::vector<PlannedTreatment> treatments(6);  // 0 and 3 are baselines
  treatments[1].baseline = treatments[2].baseline = 0;
  treatments[4].baseline = treatments[5].baseline = 3;
  const auto groups = plan::make_groups(treatments, baseline_pairs(treatments), 6);
  CHECK(members_of(groups) == Members{{0, 1, 2}, {3, 4, 5}});
  CHECK(groups[1].baseline == 3);
}

TEST_CASE("a hypothesis across baselines adds one group that holds both sides and their baselines") {
  std::vector<PlannedTreatment> treatments(6);
  treatments[1].baseline = treatments[2].baseline = 0;
  treatments[4].baseline = treatments[5].baseline = 3;
  auto pairs = baseline_pairs(treatments);
  pairs.push_back({5, 1, false});
  const auto groups = plan::make_groups(treatments, pairs, 6);
  CHECK(members_of(groups) == Members{{0, 1, 2}, {3, 4, 5}, {0, 1, 3, 5}});
  CHECK(groups[2].baseline == 3);
}

TEST_CASE("treatments without any baseline are grouped all the same, and the first stands in for it") {
  const std::vector<PlannedTreatment> treatments(8);
  const auto groups = plan::make_groups(treatments, {}, 6);
  CHECK(members_of(groups) == Members{{0, 1, 2, 3}, {4, 5, 6, 7}});
  CHECK(groups[1].baseline == 4);
  CHECK(members_of(plan::make_groups(std::vector<PlannedTreatment>(1), {}, 6)) == Members{{0}});
}

TEST_CASE("where memory holds only two, every pair still shares rounds") {
  const auto treatments = one_baseline(3);
  auto pairs = baseline_pairs(treatments);
  pairs.push_back({2, 1, false});
  const auto groups = plan::make_groups(treatments, pairs, 2);
  CHECK(members_of(groups) == Members{{0, 1}, {0, 2}, {1, 2}});
  CHECK(groups[2].baseline == 1);  // the pair's own `to`
}

TEST_CASE("for random designs the groups hold every pair and every treatment, and none is too large") {
  Random random(585);
  for (int design = 0; design < 500; ++design) {
    const int count = 1 + static_cast<int>(random.below(30));
    const int baselines = static_cast<int>(random.below(4));  // the first few treatments; 0: there is none
    std::vector<PlannedTreatment> treatments(static_cast<std::size_t>(count));
    for (int i = baselines; i < count && baselines > 0; ++i) {
      if (random.below(8) > 0) {  // an excluded baseline leaves some without
        treatments[static_cast<std::size_t>(i)].baseline =
            static_cast<int>(random.below(static_cast<std::uint64_t>(baselines)));
      }
    }
    auto pairs = baseline_pairs(treatments);
    for (std::uint64_t extra = random.below(12); extra > 0 && count > 1; --extra) {
      const auto of = static_cast<int>(random.below(static_cast<std::uint64_t>(count)));
      const auto to = static_cast<int>(random.below(static_cast<std::uint64_t>(count)));
      if (of != to) pairs.push_back({of, to, false});
    }
    const int largest = 2 + static_cast<int>(random.below(5));
    const auto groups = plan::make_groups(treatments, pairs, largest);
    INFO("design " << design << ": " << count << " treatments, " << pairs.size() << " pairs, at most "
                   << largest);

    for (const Pair& pair : pairs) {
      CHECK(std::any_of(groups.begin(), groups.end(),
                        [&](const Group& g) { return holds(g, pair.of) && holds(g, pair.to); }));
    }
    std::set<int> placed;
    for (const Group& group : groups) {
      placed.insert(group.members.begin(), group.members.end());
      CHECK(group.members.size() <= static_cast<std::size_t>(largest));
      CHECK(std::is_sorted(group.members.begin(), group.members.end()));
      CHECK(std::adjacent_find(group.members.begin(), group.members.end()) == group.members.end());
      CHECK(holds(group, group.baseline));
      if (largest < 4) continue;  // room for a pair and both its baselines
      for (const int member : group.members) {
        const auto baseline = treatments[static_cast<std::size_t>(member)].baseline;
        CHECK((!baseline || holds(group, *baseline)));
      }
    }
    CHECK(placed.size() == treatments.size());
    CHECK(members_of(plan::make_groups(treatments, pairs, largest)) == members_of(groups));
  }
}
