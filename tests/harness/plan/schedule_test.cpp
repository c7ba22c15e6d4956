#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

using namespace assay;
using plan::RoundPlan;

namespace {

plan::Plan planned(const std::string& levels, const std::string& preset, const std::string& more = "") {
  const std::string text = "[experiment]\nname = \"x\"\nbaseline = { v = 1 }\nseed = 585\n[factors]\nv = [" +
                           levels + "]\n[command]\nrun = [\"true\"]\n" + more;
  const auto experiment = plan::parse_experiment(text, "x.toml", {}, {});
  REQUIRE(experiment);
  auto made = plan::make_plan(*experiment, *experiment->preset(preset));
  REQUIRE(made);
  return *std::move(made);
}

}  // namespace

TEST_CASE(
    "over a Williams square every element follows every other equally often, and stands everywhere equally "
    "often") {
  for (int k = 2; k <= 12; ++k) {
    const int rows = k % 2 == 0 ? k : 2 * k;
    std::map<std::pair<int, int>, int> follows, stands;
    for (int row = 0; row < rows; ++row) {
      const auto sequence = plan::williams_row(k, row);
      REQUIRE(std::set<int>(sequence.begin(), sequence.end()).size() == static_cast<std::size_t>(k));
      REQUIRE(*std::min_element(sequence.begin(), sequence.end()) == 0);
      REQUIRE(*std::max_element(sequence.begin(), sequence.end()) == k - 1);
      for (int i = 0; i < k; ++i) {
        ++stands[{i, sequence[static_cast<std::size_t>(i)]}];
        if (i > 0)
          ++follows[{sequence[static_cast<std::size_t>(i - 1)], sequence[static_cast<std::size_t>(i)]}];
      }
    }
    INFO("k = " << k);
    CHECK(follows.size() == static_cast<std::size_t>(k * (k - 1)));
    for (const auto& [pair, times] : follows) CHECK(times == (k % 2 == 0 ? 1 : 2));
    CHECK(stands.size() == static_cast<std::size_t>(k * k));
    for (const auto& [place, times] : stands) CHECK(times == (k % 2 == 0 ? 1 : 2));
  }
}

TEST_CASE("every slot stands twice in a quad, mirrored about its middle") {
  const auto made = planned("1, 2, 3, 4", "paper", "[peak]\n");
  for (int round = 1; round <= 50; ++round) {
    const RoundPlan order = plan::round_plan(made, round, 3);
    REQUIRE(order.groups.size() == 1);
    const auto& group = order.groups.front();
    REQUIRE(group.quads.size() == 3);
    for (const auto& quad : group.quads) {
      REQUIRE(quad.size() == 2 * group.slots.size());
      CHECK(std::equal(quad.begin(), quad.end(), quad.rbegin()));
      CHECK(std::set<int>(quad.begin(), quad.begin() + static_cast<long>(group.slots.size())).size() ==
            group.slots.size());
    }
  }
}

TEST_CASE("in a single pass every slot stands once, in an order drawn anew for each round; other groups keep their quads") {
  const auto made = planned("1, 2, 3, 4, 5, 6, 7, 8", "quick");
  REQUIRE(made.groups.size() == 2);
  std::set<std::vector<int>> orders;
  for (int round = 1; round <= 30; ++round) {
    for (const auto& group : plan::round_plan(made, round, 3, {false, true}).groups) {
      const bool once = group.group == 1;
      REQUIRE(group.quads.size() == (once ? 1 : 3));
      CHECK(group.quads[0].size() == (once ? 1 : 2) * group.slots.size());
      if (!once) continue;
      CHECK(std::set<int>(group.quads[0].begin(), group.quads[0].end()).size() == group.slots.size());
      orders.insert(group.quads[0]);
    }
  }
  CHECK(orders.size() > 20);
}

TEST_CASE("two slots alternate as ABBA and BAAB, each once in two quads") {
  const auto made = planned("1", "quick");
  std::set<std::vector<int>> firsts;
  for (int round = 1; round <= 30; ++round) {
    const RoundPlan order = plan::round_plan(made, round, 2);
    const auto& quads = order.groups.front().quads;
    firsts.insert(quads[0]);
    CHECK(std::set<std::vector<int>>(quads.begin(), quads.end()) ==
          std::set<std::vector<int>>{{0, 1, 1, 0}, {1, 0, 0, 1}});
  }
  CHECK(firsts.size() == 2);  // and either may come first
}

TEST_CASE("within a round that uses the whole square every slot follows every other equally often") {
  const auto made = planned("1, 2, 3", "quick");  // and the copy: four slots
  const RoundPlan order = plan::round_plan(made, 1, 4);
  std::map<std::pair<int, int>, int> follows;
  for (const auto& quad : order.groups.front().quads) {
    for (std::size_t i = 1; i < quad.size(); ++i) {
      if (quad[i] != quad[i - 1]) ++follows[{quad[i - 1], quad[i]}];
    }
  }
  CHECK(follows.size() == 12);
  for (const auto& [pair, times] : follows) CHECK(times == 2);  // once forwards, once in a mirror
}

TEST_CASE(
    "a group holds a copy of its baseline always, the slowed one in paper, and the peak where it is asked "
    "for") {
  const auto roles = [](const plan::Plan& made) {
    std::vector<std::pair<int, Role>> all;
    const RoundPlan order = plan::round_plan(made, 1, 1);
    for (const plan::Slot& slot : order.groups.front().slots) {
      all.emplace_back(slot.treatment, slot.role);
    }
    return all;
  };
  using Roles = std::vector<std::pair<int, Role>>;
  CHECK(roles(planned("1, 2", "quick")) == Roles{{0, Role::plain}, {1, Role::plain}, {0, Role::same}});
  CHECK(roles(planned("1, 2", "paper", "[peak]\n")) ==
        Roles{{0, Role::plain}, {1, Role::plain}, {0, Role::same}, {0, Role::slowed}, {0, Role::peak}});
}

TEST_CASE("the same seed gives the same schedule, another round or seed another one") {
  auto made = planned("1, 2, 3, 4, 5, 6, 7, 8", "quick");
  const auto written = [&](int round) {
    const RoundPlan order = plan::round_plan(made, round, 2);
    std::string text = std::to_string(order.seed) + ":";
    for (const auto& group : order.groups) {
      text += "g" + std::to_string(group.group) + " ";
      for (const auto& quad : group.quads) {
        for (const int slot : quad) text += std::to_string(slot);
        text += " ";
      }
    }
    return text;
  };
  CHECK(written(3) == written(3));
  CHECK(written(3) != written(4));
  const std::string before = written(3);
  made.experiment.seed = 586;
  CHECK(written(3) != before);
}

TEST_CASE("a round's seed fits in 53 bits and differs between rounds") {
  const auto made = planned("1, 2", "quick");
  std::set<std::uint64_t> seeds;
  for (int round = 1; round <= 200; ++round) {
    const auto seed = plan::round_plan(made, round, 1).seed;
    CHECK(seed < (std::uint64_t{1} << 53));
    seeds.insert(seed);
  }
  CHECK(seeds.size() == 200);
}

TEST_CASE("the groups of a round come in random order") {
  const auto made = planned("1, 2, 3, 4, 5, 6, 7, 8", "quick");
  REQUIRE(made.groups.size() == 2);
  std::set<int> firsts;
  for (int round = 1; round <= 30; ++round)
    firsts.insert(plan::round_plan(made, round, 1).groups.front().group);
  CHECK(firsts == std::set<int>{0, 1});
}

namespace {

plan::Plan duet(const std::string& levels, const std::string& preset) {
  const std::string text =
      "[experiment]\nname = \"x\"\nplacement = \"duet\"\nbaseline = { v = 1 }\n[factors]\nv = [" + levels +
      "]\n[worker]\ncommand = [\"true\"]\n";
  const auto experiment = plan::parse_experiment(text, "x.toml", {}, {});
  REQUIRE(experiment);
  auto made = plan::make_plan(*experiment, *experiment->preset(preset));
  REQUIRE(made);
  return *std::move(made);
}

}  // namespace

TEST_CASE("a duet's groups are pairs: each treatment beside its baseline, and the baseline beside its copies") {
  const auto made = duet("1, 2, 3, 4", "paper");
  REQUIRE(made.groups.size() == 5);
  std::map<std::pair<int, Role>, int> beside_baseline;
  for (int round = 1; round <= 5; ++round) {
    for (const auto& group : plan::round_plan(made, round, 3).groups) {
      REQUIRE(group.slots.size() == 2);
      REQUIRE(group.slots[0].treatment == 0);
      CHECK(group.slots[0].role == Role::plain);
      ++beside_baseline[{group.slots[1].treatment, group.slots[1].role}];
      for (const auto& quad : group.quads) {
        CHECK(quad.size() == 4);
        CHECK(quad[0] != quad[1]);  // at once
        CHECK(quad[2] == quad[1]);  // the other core's turn
        CHECK(quad[3] == quad[0]);
      }
    }
  }
  CHECK(beside_baseline == std::map<std::pair<int, Role>, int>{{{1, Role::plain}, 5},
                                                               {{2, Role::plain}, 5},
                                                               {{3, Role::plain}, 5},
                                                               {{0, Role::same}, 5},
                                                               {{0, Role::slowed}, 5}});
}

TEST_CASE("in a duet either side begins on either core, equally often over two quads") {
  const auto made = duet("1, 2", "quick");
  for (int round = 1; round <= 20; ++round) {
    for (const auto& group : plan::round_plan(made, round, 8).groups) {
      int first = 0;
      for (const auto& quad : group.quads) first += quad[0] == 0;
      CHECK(first == 4);
    }
  }
}

TEST_CASE("a duet of one treatment is that treatment and its copy") {
  const auto made = duet("1", "quick");
  REQUIRE(made.groups.size() == 1);
  const auto group = plan::round_plan(made, 1, 1).groups.front();
  REQUIRE(group.slots.size() == 2);
  CHECK(group.slots[1].role == Role::same);
}
