// Fake workers → schedule → journal → pairs: what comes out is what was scripted, to the last digit.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "harness/record/run_record.hpp"
#include "harness/run/round.hpp"
#include "harness/run/supervisor.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/stein.hpp"
#include "tests/catch.hpp"
#include "tests/harness/run/scripted_run.hpp"

using namespace assay;
using namespace assay::run;
using namespace assay::run::testing;

TEST_CASE("scripted times come out of the journal as the exact paired values") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 2500000]", "baseline = { time_ns = 1000000 }"));
  CHECK(m.summary.stopped_by == "budget");
  REQUIRE(m.record.elapsed_metric == 0);
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 3);
  for (const auto& round : rounds) {
    REQUIRE(round.quads.size() == 1);
    for (const double of : {round.quads[0].of1, round.quads[0].of2}) CHECK(of == Approx(0.0025).epsilon(1e-14));
    for (const double to : {round.quads[0].to1, round.quads[0].to2}) CHECK(to == Approx(0.001).epsilon(1e-14));
  }
  const auto copies = record::paired_rounds(m.record, {0, Role::same}, {0, Role::plain}, 0);
  REQUIRE(copies.size() == 3);
  for (const auto& round : copies) CHECK(round.quads[0].of1 == round.quads[0].to1);
}

TEST_CASE("of work that takes over 30 s each process runs one iteration, in another order each round") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000000, 40000000000]", "baseline = { time_ns = 1000000000 }",
                                              ", \"--clock\", \"device_event\"", "rounds = 12"));
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 12);
  for (const auto& round : rounds) {
    REQUIRE(round.quads.size() == 1);
    CHECK(round.quads[0].of1 == 40);
    CHECK(round.quads[0].to2 == 1);
  }
  std::map<int, int> blocks;
  std::set<std::vector<int>> orders;
  std::map<int, std::vector<int>> order_of_round;
  for (const record::Block& b : m.record.blocks) {
    if (b.round == 0) continue;
    CHECK(b.phase == Phase::measure);
    ++blocks[b.replicate];
    order_of_round[b.round].push_back(2 * b.treatment + (b.role == Role::same));
  }
  for (const auto& [replicate, count] : blocks) CHECK(count == 1);
  for (const auto& [round, order] : order_of_round) orders.insert(order);
  CHECK(blocks.size() == 36);
  CHECK(orders.size() > 1);
}

TEST_CASE("the planted two per cent are two per cent") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [100000, 200000]", "baseline = { time_ns = 100000 }", "",
                                              "rounds = 2\nbudget_s = 0.1\nslowed = true"));
  CHECK(m.record.slowed_by == 1.02);
  const auto rounds = record::paired_rounds(m.record, {0, Role::slowed}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 2);
  for (const auto& round : rounds) CHECK(round.quads[0].of1 / round.quads[0].to1 == Approx(1.02).epsilon(1e-12));
}

TEST_CASE("the blocks of a round stand in the order of the plan") {
  FakeWorker fake;
  const std::string text = experiment(fake, "time_ns = [1000000, 1200000, 1500000]", "baseline = { time_ns = 1000000 }");
  const Measured m = measure(fake, text);
  const auto plan = planned(text, "quick", fake.folder());
  for (int r = 1; r <= 3; ++r) {
    const plan::RoundPlan round = plan::round_plan(plan, r, 1);
    std::vector<std::pair<int, Role>> expected, measured;
    for (const auto& group : round.groups) {
      for (const int slot : group.quads[0]) {
        const auto& s = group.slots[static_cast<std::size_t>(slot)];
        expected.emplace_back(s.treatment, s.role);
      }
    }
    int position = -1;
    for (const record::Block& b : m.record.blocks) {
      const bool repeated = b.position == position;
      if (b.round != r || b.phase != Phase::measure || repeated) continue;
      position = b.position;
      measured.emplace_back(b.treatment, b.role);
    }
    CHECK(measured == expected);
  }
}

TEST_CASE("all treatments of a round get the same seed, and every round another") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  std::map<int, std::set<std::uint64_t>> seeds;
  for (const Json& line : lines_of(m, "replicate")) seeds[line["round"]].insert(line["seed"].get<std::uint64_t>());
  REQUIRE(seeds.size() == 4);  // the rehearsal is round 0
  std::set<std::uint64_t> all;
  for (const auto& [round, of_round] : seeds) {
    CHECK(of_round.size() == 1);
    all.insert(of_round.begin(), of_round.end());
  }
  CHECK(all.size() == 4);
}

TEST_CASE("each block names the replicate before it, and positions count up") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  const auto blocks = lines_of(m, "block");
  CHECK(blocks.front()["predecessor"].is_null());
  for (std::size_t i = 1; i < blocks.size(); ++i) CHECK(blocks[i]["predecessor"] == blocks[i - 1]["replicate"]);
}

TEST_CASE("a round is warm-up, measurement, one long block and a check a replicate, then the round's line") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  std::string story;
  for (const Json& line : m.journal) {
    if (line.value("round", -1) != 1 && line["type"] != "check") continue;
    const std::string word = line["type"] == "block" ? line["phase"].get<std::string>() : line["type"].get<std::string>();
    if (!story.ends_with(word)) story += (story.empty() ? "" : " ") + word;
    if (line["type"] == "round") break;
  }
  CHECK(story == "check replicate warmup measure control check round");
}

TEST_CASE("where energy can be read a round ends with one block of a second a process, in another order each round") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1100000, 1250000]", "baseline = { time_ns = 1000000 }",
                                              ", \"--clock\", \"device_event\", \"--counters\"", "rounds = 8\nbudget_s = 0.1"));
  std::map<int, std::vector<int>> order_of_round;
  std::map<int, std::set<Phase>> after_tail;
  for (const record::Block& b : m.record.blocks) {
    if (b.phase == Phase::tail) {
      CHECK(b.elapsed_s == Approx(1.1).epsilon(0.01));
      CHECK(b.role != Role::slowed);
      order_of_round[b.round].push_back(2 * b.treatment + (b.role == Role::same));
    } else if (order_of_round.count(b.round)) {
      after_tail[b.round].insert(b.phase);
    }
  }
  REQUIRE(order_of_round.size() == 5);  // the fewest that a budget leaves
  std::set<std::vector<int>> orders;
  for (auto& [round, order] : order_of_round) {
    orders.insert(order);
    std::sort(order.begin(), order.end());
    CHECK(order == std::vector<int>{0, 1, 2, 4});  // three sides, and the baseline's copy
  }
  CHECK(orders.size() > 1);
  CHECK(after_tail.empty());
}

TEST_CASE("a process says once which counters it lacks") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1100000]", "", ", \"--counters\"", "rounds = 2\nbudget_s = 0.1"));
  std::map<int, int> blocks;
  for (const Json& line : lines_of(m, "block")) {
    const int replicate = line["replicate"];
    const bool first = blocks[replicate]++ == 0;
    CHECK(line["counters"]["energy_package_j"].is_number());
    CHECK(line["counters"].contains("cycles") == first);
    if (first) CHECK(line["counters"]["cycles"]["reason"] == "no PMU");
  }
  CHECK(blocks.size() == 8);  // two rehearsed, and three in each of two rounds
}

TEST_CASE("metrics of a proportion are asked for once a replicate") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "accuracy = [0.5, 0.75]", "", ", \"--accuracy\""));
  REQUIRE(m.record.metric_names.size() >= 2);
  const auto found = std::find(m.record.metric_names.begin(), m.record.metric_names.end(), "accuracy");
  const int accuracy = static_cast<int>(found - m.record.metric_names.begin());
  for (int t = 0; t < 2; ++t) {
    const auto rounds = record::side_rounds(m.record, {t, Role::plain}, accuracy);
    REQUIRE(rounds.size() == 3);
    for (const auto& round : rounds) CHECK(round.values == std::vector<double>{t == 0 ? 0.5 : 0.75});
  }
}

TEST_CASE("answers are stored once, whoever gave them how often, and are read back item by item") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "accuracy = [0.5, 0.75]", "", ", \"--accuracy\""));
  REQUIRE(m.record.answers.size() == 2);
  CHECK(m.record.answers[0].labels_sha256 == m.record.answers[1].labels_sha256);
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(m.record.folder / "outputs")) files += file.is_regular_file();
  CHECK(files == 3);  // two sets of predictions and one of labels
  for (const record::Replicate& r : m.record.replicates) {
    if (r.role != Role::plain) continue;
    REQUIRE(r.answers >= 0);
    const auto& right = m.record.answers[static_cast<std::size_t>(r.answers)].right;
    CHECK(std::count(right.begin(), right.end(), true) == (r.treatment == 0 ? 50 : 75));
  }
}

TEST_CASE("a modelled time is the measured one times its factor") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "note = [\"\", \"half of the rows\"]", "baseline = { note = \"\" }"));
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  REQUIRE(rounds.size() == 3);
  for (const auto& round : rounds) CHECK(round.quads[0].of1 == 2 * round.quads[0].to1);
}

TEST_CASE("a clock of instructions is taken as it is, with nothing about brackets") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [5, 7]", "baseline = { time_ns = 5 }",
                                              ", \"--clock\", \"instructions\""));
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  REQUIRE_FALSE(rounds.empty());  // its blocks are over in microseconds: on a busy machine one may count as stolen
  for (const auto& round : rounds) CHECK(round.quads[0].of1 / round.quads[0].to1 == 1.4);
}

TEST_CASE("every fault gets its outcome in the rehearsal; the other treatment is measured unharmed") {
  struct Row {
    const char* fault;
    Outcome outcome;
    const char* reason;
  };
  for (const Row& row : {Row{"segfault", Outcome::crashed, "SIGSEGV"}, Row{"exit_3", Outcome::crashed, "status 3"},
                         Row{"hang", Outcome::timed_out, "500 ms"}, Row{"flood", Outcome::invalid_output, "16 MiB"},
                         Row{"flood_lines", Outcome::invalid_output, "not JSON"}, Row{"not_json", Outcome::invalid_output, "not JSON"},
                         Row{"nan", Outcome::invalid_output, "not JSON"}, Row{"null_elapsed", Outcome::invalid_output, "elapsed"},
                         Row{"wrong_op", Outcome::invalid_output, "elapsed"}, Row{"too_long", Outcome::invalid_output, "the time between"},
                         Row{"daemon_and_exit", Outcome::crashed, "status 0"}, Row{"bare_daemon_and_exit", Outcome::crashed, "status 0"},
                         Row{"close_output", Outcome::invalid_output, "standard output"}, Row{"refuse", Outcome::unsupported, "AVX-1024"},
                         Row{"wrong_answer", Outcome::wrong_answer, "tolerance"}}) {
    INFO(row.fault);
    FakeWorker fake;
    const Measured m = measure(fake, experiment(fake, fmt::format("fault = [\"none\", \"{}\"]", row.fault), "baseline = { fault = \"none\" }\n[limits]\nblock_s = 0.5",
                                                "", "rounds = 2\nbudget_s = 0.1"));
    CHECK(m.record.rehearsal[0].ok());
    CHECK(m.record.rehearsal[1].outcome == row.outcome);
    CHECK_THAT(m.record.rehearsal[1].reason, Catch::Matchers::ContainsSubstring(row.reason));
    CHECK(record::paired_rounds(m.record, {0, Role::same}, {0, Role::plain}, 0).size() == 2);
    for (const record::Replicate& r : m.record.replicates) CHECK((r.treatment == 0 || r.round == 0));  // not started again
    CHECK(m.told.failures.size() == (row.outcome == Outcome::unsupported ? 0 : 1));
  }
}

TEST_CASE("a fault in a later round ends its treatment there, and the others go on to the end") {
  FakeWorker fake;
  // A rehearsal asks for at most four blocks; a round for two of warm-up, two of the quad and one long one.
  const Measured m = measure(fake, experiment(fake, "after_runs = [1000, 4]", "baseline = { after_runs = 1000 }\n[controls]\nfault = \"segfault\""));
  CHECK(m.record.rehearsal[1].ok());
  std::vector<int> rounds_of[2];
  for (const record::Replicate& r : m.record.replicates) {
    if (r.round == 0 || r.role != Role::plain) continue;
    rounds_of[r.treatment].push_back(r.round);
    CHECK(r.ending.outcome == (r.treatment == 0 ? Outcome::ok : Outcome::crashed));
  }
  CHECK(rounds_of[0] == std::vector<int>{1, 2, 3});
  CHECK(rounds_of[1] == std::vector<int>{1});
  REQUIRE(m.told.failures.size() == 1);
  CHECK_THAT(m.told.failures[0], Catch::Matchers::ContainsSubstring("after_runs=4: crashed: killed by SIGSEGV"));
  CHECK_THAT(m.told.failures[0], Catch::Matchers::ContainsSubstring("repeat it: assay try " + fake.folder().string()));
}

TEST_CASE("a failure shows the last lines of the worker's standard error") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "fault = [\"none\", \"exit_3\"]"));
  REQUIRE(m.told.failures.size() == 1);
  CHECK_THAT(m.told.failures[0], Catch::Matchers::ContainsSubstring("| no licence found"));
}

TEST_CASE("a worker past its memory limit is out_of_memory, though it answers quickly") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "fault = [\"none\", \"grow\", \"swell\"]", "[limits]\nmemory_bytes = 80_000_000"));
  CHECK(m.record.rehearsal[0].ok());
  CHECK(m.record.rehearsal[1].outcome == Outcome::out_of_memory);
  CHECK(m.record.rehearsal[2].outcome == Outcome::out_of_memory);
}

TEST_CASE("a program that doesn't exist fails its treatments and stops the run at the rehearsal") {
  FakeWorker fake;
  const std::string text = experiment(fake, "time_ns = [1, 2]");
  std::filesystem::remove(fake.program());
  const Measured m = measure(fake, text);
  CHECK(m.summary.stopped_by == "rehearsal");
  CHECK(m.record.stopped_by == "rehearsal");
  for (const Ending& ending : m.record.rehearsal) {
    CHECK(ending.outcome == Outcome::crashed);
    CHECK_THAT(ending.reason, Catch::Matchers::ContainsSubstring("fake_worker: cannot be started"));
  }
  CHECK(m.record.rounds.empty());
}

TEST_CASE("a neighbour that spins while it should be idle is stopped; one that may not be stopped marks the blocks") {
  for (const bool never_stop : {false, true}) {
    FakeWorker fake;
    const Measured m = measure(fake, experiment(fake, "fault = [\"none\", \"spin\"]", "baseline = { fault = \"none\" }",
                                                never_stop ? ", \"--never-stop\"" : ""));
    int disturbed = 0, all = 0;
    for (const record::Block& b : m.record.blocks) {
      if (b.phase != Phase::measure || b.treatment != 0 || (b.marks & kStolen)) continue;
      ++all;
      if (b.marks & kDisturbed) ++disturbed;
    }
    REQUIRE(all > 0);
    INFO((never_stop ? "never stopped" : "stopped"));
    CHECK((disturbed > all / 2) == never_stop);
  }
}

TEST_CASE("blocks whose time nobody can explain are repeated, and too many of them spoil the replicate and not the treatment") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "fault = [\"none\", \"dawdle\"]", "baseline = { fault = \"none\" }", ", \"--clock\", \"wall\"",
                                              "rounds = 2\nbudget_s = 0.1"));
  int replicates = 0;
  for (const record::Replicate& r : m.record.replicates) {
    if (r.treatment != 1 || r.round == 0) continue;
    ++replicates;
    CHECK(r.ending.outcome == Outcome::invalid_output);
    CHECK(r.disturbed);
  }
  CHECK(replicates == 2);  // tried again in the second round
  CHECK(m.told.failures.empty());
  int stolen = 0;
  for (const record::Block& b : m.record.blocks) stolen += b.treatment == 1 && (b.marks & kStolen) ? 1 : 0;
  CHECK(stolen == 2 * 2 * 5);  // two rounds of two blocks, each repeated four times
}

TEST_CASE("progress never goes back and the notes say what was planned") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  CHECK_FALSE(m.told.decreased);
  CHECK(m.told.last == Approx(1));
  CHECK(std::any_of(m.told.notes.begin(), m.told.notes.end(), [](const std::string& n) { return n.starts_with("plan: 3 rounds of one quad"); }));
}

TEST_CASE("the journal's end says where the wall time went") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  REQUIRE(m.journal.back()["type"] == "end");
  const Json& end = m.journal.back();
  CHECK(end["stopped_by"] == "budget");
  CHECK(end["block_s"].get<double>() > 0);
  const double parts = end["block_s"].get<double>() + end["settle_s"].get<double>() + end["prepare_s"].get<double>() + end["check_s"].get<double>();
  CHECK(parts <= end["wall_s"].get<double>());
}

TEST_CASE("a precision target takes as many rounds as the pilot says: none more where nothing varies") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]", "baseline = { time_ns = 1000000 }", "",
                                              "precision_target = 0.01\nbudget_s = 1"));
  const auto calibrations = lines_of(m, "calibration");
  REQUIRE(calibrations.size() == 2);
  CHECK(calibrations[1]["pilot"] == calibrations[0]["rounds"]);
  CHECK(calibrations[1]["rounds"] == calibrations[1]["pilot"]);
}

TEST_CASE("a precision target takes the rounds that Stein's rule asks for after a pilot that varies") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "jitter = [0.0, 0.02]", "baseline = { jitter = 0.0 }\n[controls]\ntime_ns = 100000", "",
                                              "precision_target = 0.005"));
  const auto calibrations = lines_of(m, "calibration");
  REQUIRE(calibrations.size() == 2);
  CHECK(m.summary.stopped_by == "precision");
  const auto rounds = record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0);
  std::vector<double> pilot;
  for (int r = 0; r < 7; ++r) {
    const auto& quad = rounds[static_cast<std::size_t>(r)].quads[0];
    pilot.push_back(std::log(quad.of1 / quad.to1));
  }
  const auto needed = stats::rounds_needed(*stats::moments(pilot).sd, 7, stats::log_half_width(0.005), 0.95);
  REQUIRE(needed);
  CHECK(*needed > 7);
  CHECK(calibrations[1]["rounds"] == *needed);
  CHECK(static_cast<std::int64_t>(rounds.size()) == *needed);
}

TEST_CASE("a first iteration that takes long for being the first is no iteration's time") {
  FakeWorker fake;
  const auto plan = planned(experiment(fake, "cold_ns = [0, 30000000, 2000000000]"), "quick", fake.folder());
  Machine machine;
  machine.cpus = testing::allowed_cpus();
  Notebook told;
  const auto rehearsal = try_experiment(plan, machine, {}, told, kNever);
  REQUIRE(rehearsal);
  CHECK(rehearsal->treatments[0].iteration_s == Approx(0.001));
  CHECK(rehearsal->treatments[1].iteration_s == Approx(0.001));
  CHECK(rehearsal->treatments[2].iteration_s == Approx(2.001));  // nobody waits for another of these
}

TEST_CASE("the rehearsal alone leaves no run folder and no process") {
  FakeWorker fake;
  const auto plan = planned(experiment(fake, "fault = [\"none\", \"daemon_and_exit\"]"), "quick", fake.folder());
  Machine machine;
  machine.cpus = testing::allowed_cpus();
  Notebook told;
  const auto rehearsal = try_experiment(plan, machine, {}, told, kNever);
  REQUIRE(rehearsal);
  CHECK(rehearsal->treatments[0].ending.ok());
  CHECK(rehearsal->treatments[0].iteration_s == Approx(0.001));
  CHECK(rehearsal->treatments[0].resident_bytes > 500'000);
  CHECK(rehearsal->treatments[1].ending.outcome == Outcome::crashed);
  CHECK_FALSE(rehearsal->all_failed());
  CHECK(fake.processes().empty());
  CHECK_FALSE(std::filesystem::exists(fake.folder() / "results"));
  const auto only = try_experiment(plan, machine, {0}, told, kNever);
  REQUIRE(only);
  CHECK(told.failures.size() == 1);  // of the first rehearsal: the second never started the faulty treatment
}
