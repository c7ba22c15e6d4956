// Two processes at a time, each on a core of its own.
#include <map>
#include <set>
#include <tuple>

#include "tests/harness/run/scripted_run.hpp"

using namespace assay;
using namespace assay::run;
using namespace assay::run::testing;

namespace {

const std::string kDuet = "placement = \"duet\"\n";

bool has_two_cpus() {
  if (testing::allowed_cpus().size() >= 2) return true;
  fmt::print("SKIPPED: a duet needs two CPUs\n");
  return false;
}

}  // namespace

TEST_CASE("in a duet both sides run at once, each once on each core in every quad, and come out as exact pairs") {
  if (!has_two_cpus()) return;
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 2500000]", kDuet + "baseline = { time_ns = 1000000 }", "",
                                              "rounds = 4\nbudget_s = 0.1"));
  CHECK(lines_of(m, "failed").empty());
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 4);
  for (const auto& round : rounds) {
    for (const auto& quad : round.quads) {
      CHECK(quad.of1 == Approx(0.0025).epsilon(1e-14));
      CHECK(quad.to2 == Approx(0.001).epsilon(1e-14));
    }
  }
  CHECK(record::paired_rounds(m.record, {0, Role::same}, {0, Role::plain}, 0).size() == 4);

  std::map<std::tuple<int, int, int, int>, std::set<int>> cores;  // (round, group, quad, replicate)
  std::map<std::pair<int, int>, Json> at;                         // (replicate, position): the last attempt
  for (const Json& block : blocks_of(m, "measure")) {
    const int replicate = block["replicate"];
    REQUIRE(block["concurrent"].is_number());
    cores[{block["round"], block["group"], block["quad"], replicate}].insert(block["cpu"].get<int>());
    at[{replicate, block["position"]}] = block;
  }
  for (const auto& [place, used] : cores) CHECK(used.size() == 2);
  for (const auto& [place, block] : at) {
    // Its partner stands at the neighbouring place, on the other core, and names it.
    const int partner = block["concurrent"];
    const int position = block["position"];
    const auto found = at.find({partner, position % 2 == 0 ? position + 1 : position - 1});
    REQUIRE(found != at.end());
    CHECK(found->second["concurrent"] == place.first);
    CHECK(found->second["cpu"] != block["cpu"]);
  }
}

TEST_CASE("if one side of a duet fails, the other is measured to the end of the round by itself") {
  if (!has_two_cpus()) return;
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "fault = [\"none\", \"segfault\"]",
                                              kDuet + "baseline = { fault = \"none\" }\n[controls]\nafter_runs = 3\ntime_ns = 1000000", "",
                                              "rounds = 3\nbudget_s = 0.1"));
  const auto failed = lines_of(m, "failed");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["outcome"] == "crashed");
  int alone = 0;
  for (const Json& block : blocks_of(m, "control")) alone += block["outcome"] == "ok" && block["concurrent"].is_null();
  CHECK(alone >= 1);
  CHECK(record::side_rounds(m.record, {0, Role::plain}, 0).size() == 3);
  CHECK(m.summary.stopped_by == "budget");
}

TEST_CASE("a duet's planted slowdown is measured beside its baseline") {
  if (!has_two_cpus()) return;
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [100000, 200000]", kDuet + "baseline = { time_ns = 100000 }", "",
                                              "rounds = 3\nbudget_s = 0.1\nslowed = true"));
  const auto rounds = record::paired_rounds(m.record, {0, Role::slowed}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 3);
  CHECK(rounds[0].quads[0].of1 / rounds[0].quads[0].to1 == Approx(1.02));
}

TEST_CASE("a duet's percentiles are sampled at the same time on both cores") {
  if (!has_two_cpus()) return;
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "slow_every = [0, 10]", kDuet + "baseline = { slow_every = 0 }\n[controls]\ntime_ns = 100000\n"
                                              "[metrics]\nprimary = [\"time_s.p99\"]", ", \"--clock\", \"device_event\""));
  const auto tails = blocks_of(m, "tail");
  REQUIRE(tails.size() == 3 * 4);
  for (const Json& tail : tails) CHECK(tail["concurrent"].is_number());
}

TEST_CASE("a duet on one core is refused before anything starts") {
  FakeWorker fake;
  RunRequest request;
  request.plan = planned(experiment(fake, "time_ns = [1000000, 2000000]", kDuet), "quick", fake.folder());
  request.machine.cpus = testing::allowed_cpus();
  request.machine.cores = {request.machine.cpus[0]};
  request.results = fake.folder() / "results";
  Notebook told;
  const auto summary = run_experiment(request, told, kNever);
  REQUIRE_FALSE(summary);
  CHECK(summary.error().message.find("placement = \"duet\" runs two processes at once on two physical cores, and only one is available") == 0);
  CHECK_FALSE(std::filesystem::exists(fake.folder() / "results"));
}
