// A run that was interrupted goes on where it stopped: the same schedule, nothing twice, and never under other conditions.

#include <fstream>
#include <sstream>

#include "harness/record/run_record.hpp"
#include "harness/run/supervisor.hpp"
#include "tests/catch.hpp"
#include "tests/harness/run/experiments.hpp"
#include "tests/harness/run/processes.hpp"

using namespace assay;
using namespace assay::run;
using testing::FakeWorker;
using testing::planned;

namespace {

std::string experiment(const FakeWorker& fake) {
  return fmt::format(R"(
[experiment]
name = "scripted"
question = "Is a resumed run the same run?"
baseline = {{ time_ns = 1000000 }}
seed = 585
[worker]
command = ["{}"]
[factors]
time_ns = [1000000, 1200000]
[presets.quick]
rounds = 3
budget_s = 0.1
)", fake.program().string());
}

/// Interrupts when it has been told of so many steps.
class Impatient : public Trace {
 public:
  explicit Impatient(int patience) : patience_(patience) {}
  void progress(double, std::string_view what) override {
    if (what.starts_with("round") && --patience_ == 0) interrupt = true;
  }
  void note(std::string_view line) override {
    if (line.starts_with("rehearsal") && patience_ == 0) interrupt = true;
    notes.emplace_back(line);
  }
  InterruptFlag interrupt{false};
  std::vector<std::string> notes;

 private:
  int patience_;
};

RunRequest request_for(const FakeWorker& fake) {
  RunRequest request;
  request.plan = planned(experiment(fake), "quick", fake.folder());
  request.machine.cpus = testing::allowed_cpus();
  request.results = fake.folder() / "results";
  request.assay = {{"sha256", "x"}};
  return request;
}

RunSummary interrupted_run(const FakeWorker& fake, int after_blocks) {
  Impatient trace(after_blocks);
  auto summary = run_experiment(request_for(fake), trace, trace.interrupt);
  if (!summary) FAIL(summary.error().message);
  return *std::move(summary);
}

Result<RunSummary> resumed(const FakeWorker& fake, const std::filesystem::path& folder) {
  RunRequest request = request_for(fake);
  request.resume = folder;
  Trace silent;
  const InterruptFlag never{false};
  return run_experiment(request, silent, never);
}

/// Round, position, treatment and role of the measured blocks, in order; one that was repeated at once counts once.
std::string order_of(const std::filesystem::path& folder) {
  const auto run = record::read_run(folder);
  if (!run) FAIL(run.error().message);
  std::string order;
  for (const record::Block& b : run->blocks) {
    const std::string block = fmt::format("{}:{}:{}:{} ", b.round, b.position, b.treatment, name_of(b.role));
    if (b.phase == Phase::measure && !(b.marks & kAbandoned) && !order.ends_with(block)) order += block;
  }
  return order;
}

}  // namespace

TEST_CASE("an interrupted run says how to go on, kills its workers, and completes the same schedule") {
  FakeWorker fake;
  const RunSummary whole = interrupted_run(fake, 1'000'000);
  REQUIRE_FALSE(whole.failure);
  for (const int after : {0, 1, 7, 13}) {
    INFO("interrupted after " << after << " blocks");
    const RunSummary cut = interrupted_run(fake, after);
    REQUIRE(cut.failure);
    CHECK(cut.stopped_by == "interrupt");
    CHECK_THAT(cut.failure->message, Catch::Matchers::ContainsSubstring("interrupted; go on with: assay run"));
    CHECK_THAT(cut.failure->message, Catch::Matchers::ContainsSubstring("--resume " + cut.folder.string()));
    CHECK(fake.processes().empty());
    CHECK(record::read_run(cut.folder)->stopped_by == "interrupt");

    const auto rest = resumed(fake, cut.folder);
    if (!rest) FAIL(rest.error().message);
    CHECK_FALSE(rest->failure);
    CHECK(rest->stopped_by == "budget");
    CHECK(order_of(cut.folder) == order_of(whole.folder));
    CHECK(record::read_run(cut.folder)->stopped_by == "budget");
  }
}

TEST_CASE("the blocks of the round that was interrupted are kept and not estimated") {
  FakeWorker fake;
  const RunSummary cut = interrupted_run(fake, 9);  // six blocks a round: in the second
  REQUIRE(resumed(fake, cut.folder));
  const auto run = record::read_run(cut.folder);
  REQUIRE(run);
  int abandoned = 0;
  for (const record::Block& b : run->blocks) abandoned += b.marks & kAbandoned ? 1 : 0;
  CHECK(abandoned > 0);
  for (const int treatment : {0, 1}) CHECK(record::side_rounds(*run, {treatment, Role::plain}, 0).size() == 3);
}

TEST_CASE("replicates keep counting, so that no number means two processes") {
  FakeWorker fake;
  const RunSummary cut = interrupted_run(fake, 9);
  REQUIRE(resumed(fake, cut.folder));
  const auto run = record::read_run(cut.folder);
  REQUIRE(run);
  for (std::size_t i = 1; i < run->replicates.size(); ++i) CHECK(run->replicates[i].id > run->replicates[i - 1].id);
}

TEST_CASE("a run that is complete isn't resumed") {
  FakeWorker fake;
  const RunSummary whole = interrupted_run(fake, 1'000'000);
  const auto again = resumed(fake, whole.folder);
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().message, Catch::Matchers::ContainsSubstring("is complete"));
}

TEST_CASE("a run isn't resumed with another file, preset, binary, set of CPUs or boot") {
  FakeWorker fake;
  const RunSummary cut = interrupted_run(fake, 3);
  const auto refused = [&](const RunRequest& request) {
    Trace silent;
    const InterruptFlag never{false};
    const auto result = run_experiment(request, silent, never);
    REQUIRE_FALSE(result);
    return result.error().message;
  };
  RunRequest request = request_for(fake);
  request.resume = cut.folder;
  RunRequest other = request;
  other.plan.experiment.source += "# changed\n";
  CHECK_THAT(refused(other), Catch::Matchers::ContainsSubstring("the experiment file has changed"));
  other = request;
  other.plan.preset.name = "paper";
  CHECK_THAT(refused(other), Catch::Matchers::ContainsSubstring("preset quick"));
  other = request;
  other.assay["sha256"] = "y";
  CHECK_THAT(refused(other), Catch::Matchers::ContainsSubstring("another binary"));
  other = request;
  other.machine.cpus.push_back(4095);
  CHECK_THAT(refused(other), Catch::Matchers::ContainsSubstring("other CPUs"));

  const auto manifest = cut.folder / "manifest.json";
  std::stringstream text;
  text << std::ifstream(manifest).rdbuf();
  Json edited = *parse_json(text.str());
  edited["boot_id_sha256"] = "of yesterday";
  std::ofstream(manifest) << edited.dump();
  CHECK_THAT(refused(request), Catch::Matchers::ContainsSubstring("booted since"));
}

TEST_CASE("a treatment that had failed isn't started again after the resume") {
  FakeWorker fake;
  std::string text = experiment(fake);
  text.replace(text.find("time_ns = [1000000, 1200000]"), 28, "fault = [\"none\", \"exit_3\"]");
  text.replace(text.find("{ time_ns = 1000000 }"), 21, "{ fault = \"none\" }");
  RunRequest request = request_for(fake);
  request.plan = planned(text, "quick", fake.folder());
  Impatient trace(3);
  const auto cut = run_experiment(request, trace, trace.interrupt);
  REQUIRE(cut);
  REQUIRE(cut->failure);
  request.resume = cut->folder;
  Trace silent;
  const InterruptFlag never{false};
  REQUIRE(run_experiment(request, silent, never));
  const auto run = record::read_run(cut->folder);
  REQUIRE(run);
  CHECK(run->rehearsal[1].outcome == Outcome::crashed);
  int started = 0;
  for (const record::Replicate& r : run->replicates) started += r.treatment == 1 ? 1 : 0;
  CHECK(started == 1);
}
