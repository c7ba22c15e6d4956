// Rounds that are added: by --extend to a complete run, and by the second stage after a pilot.

#include <fstream>
#include <set>

#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/spread.hpp"
#include "harness/run/supervisor.hpp"
#include "tests/catch.hpp"
#include "tests/harness/run/experiments.hpp"
#include "tests/harness/run/processes.hpp"

using namespace assay;
using namespace assay::run;
using Catch::Matchers::ContainsSubstring;
using testing::FakeWorker;
using testing::planned;

namespace {

namespace fs = std::filesystem;

constexpr const char* kShort = "rounds = 3\nbudget_s = 0.1";

std::string experiment(const FakeWorker& fake, std::string_view preset, std::string_view more = "", std::string_view options = "") {
  return fmt::format(R"(
[experiment]
name = "scripted"
question = "Is an extended run one measurement?"
baseline = {{ time_ns = 1000000 }}
seed = 585
[worker]
command = ["{}"{}]
[factors]
time_ns = [1000000, 1200000]
[controls]
own_jitter = 0.05
[presets.quick]
{}
{}
)", fake.program().string(), options, preset, more);
}

RunRequest request_for(const FakeWorker& fake, std::string_view preset = kShort) {
  RunRequest request;
  request.plan = planned(experiment(fake, preset), "quick", fake.folder());
  request.machine.cpus = testing::allowed_cpus();
  request.results = fake.folder() / "results";
  request.assay = {{"sha256", "x"}};
  return request;
}

Result<RunSummary> measured(const RunRequest& request) {
  Trace silent;
  const InterruptFlag never{false};
  return run_experiment(request, silent, never);
}

fs::path complete_run(const RunRequest& request) {
  const auto summary = measured(request);
  if (!summary) FAIL(summary.error().message);
  CHECK_FALSE(summary->failure);
  return summary->folder;
}

RunRequest extending(const FakeWorker& fake, const fs::path& folder, std::optional<int> rounds = std::nullopt) {
  RunRequest request = request_for(fake);
  request.extend = folder;
  request.added_rounds = rounds;
  return request;
}

record::RunRecord read(const fs::path& folder) {
  auto run = record::read_run(folder);
  if (!run) FAIL(run.error().message);
  return *std::move(run);
}

std::string order_of(const fs::path& folder) {
  std::string order;
  for (const record::Block& b : read(folder).blocks) {
    const std::string block = fmt::format("{}:{}:{}:{} ", b.round, b.position, b.treatment, name_of(b.role));
    if (b.phase == Phase::measure && !(b.marks & kAbandoned) && !order.ends_with(block)) order += block;
  }
  return order;
}

std::vector<int> complete_rounds(const record::RunRecord& run) {
  std::vector<int> numbers;
  for (const record::Round& r : run.rounds) {
    if (r.state == record::RoundState::complete) numbers.push_back(r.number);
  }
  return numbers;
}

/// Interrupts when it has been told of so many steps of a round.
class Impatient : public Trace {
 public:
  explicit Impatient(int patience) : patience_(patience) {}
  void progress(double, std::string_view) override {
    if (--patience_ == 0) interrupt = true;
  }
  InterruptFlag interrupt{false};

 private:
  int patience_;
};

}  // namespace

TEST_CASE("an extended run is a new folder that holds all rounds, numbered on, under the same calibration") {
  const FakeWorker fake;
  const fs::path first = complete_run(request_for(fake));
  const fs::path second = complete_run(extending(fake, first, 2));
  CHECK(second != first);
  const auto before = read(first);
  const auto after = read(second);
  CHECK(complete_rounds(after) == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(order_of(second).starts_with(order_of(first)));
  CHECK(after.calibration["iterations"] == before.calibration["iterations"]);
  CHECK(after.calibration["quads"] == before.calibration["quads"]);
  CHECK(after.stopped_by == "rounds");
  CHECK(after.end["wall_s"].get<double>() > before.end["wall_s"].get<double>());  // of both together
  REQUIRE(after.extends.size() == 1);
  CHECK(after.extends[0].run == record::run_name(first));
  CHECK(after.extends[0].rounds == 3);
  CHECK(after.extends[0].looks == 1);
  CHECK(record::paired_rounds(after, {1, Role::plain}, {0, Role::plain}, after.elapsed_metric).size() == 5);
}

TEST_CASE("no order and no seed of an earlier round comes again in the added ones") {
  const FakeWorker fake;
  const auto run = read(complete_run(extending(fake, complete_run(request_for(fake)), 3)));
  std::set<std::pair<int, int>> seen;
  for (const record::Replicate& r : run.replicates) CHECK(seen.insert({r.id, 0}).second);
  CHECK(plan::round_plan(request_for(fake).plan, 4, 1).seed != plan::round_plan(request_for(fake).plan, 1, 1).seed);
}

TEST_CASE("without a number the preset's rounds are added, and a run may be extended twice; its folder alone is enough") {
  const FakeWorker fake;
  const fs::path first = complete_run(request_for(fake));
  const fs::path second = complete_run(extending(fake, first, 1));
  const fs::path third = complete_run(extending(fake, second));
  fs::remove_all(first);
  fs::remove_all(second);
  const auto run = read(third);
  CHECK(complete_rounds(run).size() >= 5);  // the budget may cut what the preset adds, not below one
  REQUIRE(run.extends.size() == 2);
  CHECK(run.extends[0].rounds == 3);
  CHECK(run.extends[1].rounds == 4);
  CHECK(run.extends[1].looks == 2);
}

TEST_CASE("samples and answers of the earlier run come along, since readers hold them to their hashes") {
  const FakeWorker fake;
  const auto of_tails = [&](RunRequest request) {
    request.plan = planned(experiment(fake, "rounds = 2", "[metrics]\nprimary = [\"time_s.p90\", \"accuracy\"]", ", \"--clock\", \"device_event\", \"--accuracy\""),
                           "quick", fake.folder());
    return request;
  };
  const fs::path first = complete_run(of_tails(request_for(fake)));
  const fs::path second = complete_run(of_tails(extending(fake, first, 1)));
  fs::remove_all(first);
  CHECK(record::side_tails(read(second), {1, Role::plain}).size() == 3);
}

TEST_CASE("an interrupted extension is resumed like any run") {
  const FakeWorker fake;
  const fs::path first = complete_run(request_for(fake));
  Impatient trace(8);
  const auto interrupted = run_experiment(extending(fake, first, 3), trace, trace.interrupt);
  REQUIRE(interrupted);
  CHECK(interrupted->stopped_by == "interrupt");
  CHECK_THAT(measured(extending(fake, interrupted->folder)).error().message, ContainsSubstring("by --resume first"));
  RunRequest resume = request_for(fake);
  resume.resume = interrupted->folder;
  REQUIRE(measured(resume));
  CHECK(complete_rounds(read(interrupted->folder)) == std::vector<int>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a run isn't extended under other conditions, and the message says which") {
  const FakeWorker fake;
  const fs::path first = complete_run(request_for(fake));
  RunRequest other = extending(fake, first);
  SECTION("another binary") {
    other.assay = {{"sha256", "y"}};
    CHECK_THAT(measured(other).error().message, ContainsSubstring("cannot be extended: assay itself is another binary"));
  }
  SECTION("another file") {
    other.plan.experiment.source += "# changed\n";
    CHECK_THAT(measured(other).error().message, ContainsSubstring("the experiment file has changed since"));
  }
  SECTION("another preset") {
    other.plan.preset.name = "paper";
    CHECK_THAT(measured(other).error().message, ContainsSubstring("it was started with preset quick"));
  }
  SECTION("more rounds than anybody waits for") {
    other.added_rounds = 10'000;
    CHECK_THAT(measured(other).error().message, ContainsSubstring("a run has at most 10000 rounds"));
  }
  CHECK(std::distance(fs::directory_iterator(first.parent_path()), {}) == 2);  // the run and the ledger: nothing was made
}

TEST_CASE("the journal of the earlier run can't be exchanged") {
  const FakeWorker fake;
  const fs::path second = complete_run(extending(fake, complete_run(request_for(fake)), 1));
  const fs::path copy = second / record::extended_journal(1);
  const auto text = record::read_file(copy);
  std::ofstream(copy, std::ios::binary) << text->substr(0, text->rfind("{\"block_s"));
  const auto run = record::read_run(second);
  REQUIRE_FALSE(run);
  CHECK_THAT(run.error().message, ContainsSubstring("extends/1/journal.jsonl: is not the journal of run"));
}

TEST_CASE("after a pilot the rounds have the quads that pay, all rounds count by those alone, and the budget holds") {
  const FakeWorker fake;
  const fs::path folder = complete_run(request_for(fake, "precision_target = 0.01\nblock_s = 0.002\nbudget_s = 8"));
  const auto run = read(folder);
  CHECK(run.calibration["pilot"] == 7);
  const int quads = run.calibration["quads"].get<int>();
  int pilot_quads = 0;
  int later_quads = 0;
  for (const record::Block& b : run.blocks) {
    if (b.phase == Phase::measure) (b.round <= 7 ? pilot_quads : later_quads) = std::max(b.round <= 7 ? pilot_quads : later_quads, b.quad + 1);
  }
  INFO("pilot " << pilot_quads << " quads, then " << quads);
  CHECK(quads <= pilot_quads);
  CHECK(quads >= std::min(pilot_quads, stats::kFewestQuads));
  const auto rounds = record::paired_rounds(run, {1, Role::plain}, {0, Role::plain}, run.elapsed_metric);
  REQUIRE(rounds.size() >= 7);
  if (rounds.size() > 7) CHECK(later_quads == quads);
  for (const auto& round : rounds) CHECK(static_cast<int>(round.quads.size()) <= quads);
  // A process's times are longer by a share of its own: rounds differ, quads don't, so the fewest quads pay.
  CHECK(quads == std::min(pilot_quads, stats::kFewestQuads));
  CHECK((run.stopped_by == "budget" || run.stopped_by == "precision"));
  CHECK_THAT(measured(extending(fake, folder)).error().message,
             ContainsSubstring("the experiment file has changed") || ContainsSubstring("precision_target"));
  RunRequest same = request_for(fake, "precision_target = 0.01\nblock_s = 0.002\nbudget_s = 8");
  same.extend = folder;
  CHECK_THAT(measured(same).error().message, ContainsSubstring("its rounds were planned by a precision_target"));
}
