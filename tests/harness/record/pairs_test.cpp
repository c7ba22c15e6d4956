
#include "harness/record/run_record.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

using fake::FakeRun;
using fake::Place;
using fake::TemporaryFolder;

constexpr Side kA{0, Role::plain};
constexpr Side kB{1, Role::plain};
constexpr Side kSame{0, Role::same};
constexpr Side kSlowed{0, Role::slowed};
constexpr Side kPeak{0, Role::peak};

RunRecord record_of(const FakeRun& fake) {
  TemporaryFolder results;
  auto run = read_run(write_fake_run(results.path(), fake));
  if (!run) FAIL(run.error().message);
  return *std::move(run);
}

/// "1: 1 2 3 4 | 5 6 7 8; 2: …": rounds, quads, and in each quad of1 of2 to1 to2.
std::string text(const std::vector<PairedRound>& rounds) {
  std::string all;
  for (const PairedRound& r : rounds) {
    all += fmt::format("{}{}:", all.empty() ? "" : "; ", r.round);
    for (std::size_t q = 0; q < r.quads.size(); ++q) {
      const QuadValues& v = r.quads[q];
      all += fmt::format("{} {} {} {} {}", q ? " |" : "", v.of1, v.of2, v.to1, v.to2);
    }
  }
  return all;
}

std::string text(const std::vector<SideRound>& rounds) {
  std::string all;
  for (const SideRound& r : rounds) {
    all += fmt::format("{}{}:", all.empty() ? "" : "; ", r.round);
    for (const double v : r.values) all += fmt::format(" {}", v);
  }
  return all;
}

/// A journal written line by line: one group, treatments a and b, what each block says is up to the test.
class HandWritten {
 public:
  HandWritten() {
    FakeRun fake;
    fake.rounds = 0;
    fake.ended = false;
    folder_ = write_fake_run(results_.path(), fake);
    journal_.emplace(*Journal::reopen(folder_ / "journal.jsonl"));
    ids_ = {fake.treatments[0].id(), fake.treatments[1].id()};
  }
  void replicate(int number, int round, int treatment) {
    add({{"type", "replicate"}, {"replicate", number}, {"round", round}, {"group", 0}, {"treatment", id(treatment)},
         {"role", "plain"}, {"phase", "measure"}, {"outcome", "ok"}, {"reason", nullptr}});
  }
  void block(int number, int round, int treatment, int quad, int position, std::int64_t ns, Json marks = Json::array(),
             const char* phase = "measure") {
    add({{"type", "block"}, {"round", round}, {"group", 0}, {"replicate", number}, {"treatment", id(treatment)},
         {"role", "plain"}, {"phase", phase}, {"quad", quad}, {"position", position}, {"predecessor", nullptr},
         {"iterations", 10}, {"elapsed", ns}, {"unit", "ns"}, {"clock", "wall"}, {"settled_ns", 0}, {"bracket_ns", ns},
         {"cpu_ns", ns}, {"marks", std::move(marks)}, {"metrics", Json::object()}, {"outcome", "ok"},
         {"reason", nullptr}});
  }
  void complete(int round) { add({{"type", "round"}, {"round", round}, {"state", "complete"}}); }
  void add(Json line) { REQUIRE(journal_->append(std::move(line))); }
  RunRecord read() const {
    auto run = read_run(folder_);
    if (!run) FAIL(run.error().message);
    return *std::move(run);
  }

 private:
  std::string id(int treatment) const { return ids_[static_cast<std::size_t>(treatment)]; }

  TemporaryFolder results_;
  std::filesystem::path folder_;
  std::vector<std::string> ids_;
  std::optional<Journal> journal_;
};

TEST_CASE("a hand-written journal gives exactly its quads, in seconds per iteration") {
  HandWritten h;
  h.replicate(10, 1, 0);
  h.replicate(11, 1, 1);
  h.block(10, 1, 0, 0, 0, 999, Json::array(), "warmup");
  h.block(10, 1, 0, 0, 0, 10'000'000'000);
  h.block(11, 1, 1, 0, 1, 20'000'000'000);
  h.block(11, 1, 1, 0, 2, 22'500'000'000, {"disturbed"});
  h.block(10, 1, 0, 0, 3, 12'500'000'000);
  h.block(11, 1, 1, 1, 4, 30'000'000'000);
  h.block(10, 1, 0, 1, 5, 15'000'000'000, {"stolen"});
  h.block(10, 1, 0, 1, 5, 17'500'000'000);
  h.block(10, 1, 0, 1, 6, 20'000'000'000);
  h.block(11, 1, 1, 1, 7, 40'000'000'000);
  h.block(10, 1, 0, 0, 8, 777, Json::array(), "control");
  h.complete(1);
  const RunRecord run = h.read();
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 2 2.25 1 1.25 | 3 4 1.75 2");
  CHECK(text(paired_rounds(run, kA, kB, 0)) == "1: 1 1.25 2 2.25 | 1.75 2 3 4");
  CHECK(text(side_rounds(run, kA, 0)) == "1: 1 1.25 1.75 2");
  CHECK(text(side_rounds(run, kB, 0)) == "1: 2 2.25 3 4");
}

TEST_CASE("a quad that lost one of its four blocks is left out of the pairs, and its other blocks still count alone") {
  HandWritten h;
  h.replicate(10, 1, 0);
  h.replicate(11, 1, 1);
  h.block(10, 1, 0, 0, 0, 10'000'000'000);
  h.block(11, 1, 1, 0, 1, 20'000'000'000, {"stolen"});
  h.block(11, 1, 1, 0, 1, 20'000'000'000, {"disturbed", "stolen"});
  h.block(11, 1, 1, 0, 2, 20'000'000'000);
  h.block(10, 1, 0, 0, 3, 10'000'000'000);
  h.block(10, 1, 0, 1, 4, 40'000'000'000);
  h.block(11, 1, 1, 1, 5, 50'000'000'000);
  h.block(11, 1, 1, 1, 6, 60'000'000'000);
  h.block(10, 1, 0, 1, 7, 70'000'000'000);
  h.complete(1);
  const RunRecord run = h.read();
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 5 6 4 7");
  CHECK(text(side_rounds(run, kB, 0)) == "1: 2 5 6");
}

TEST_CASE("in a single pass a side has one block a round, and half a quad elsewhere still counts for nothing") {
  for (const bool single_pass : {true, false}) {
    HandWritten h;
    h.add({{"type", "calibration"}, {"single_pass", single_pass ? Json{0} : Json::array()}});
    for (const int round : {1, 2}) {
      h.replicate(10 * round, round, 0);
      h.replicate(10 * round + 1, round, 1);
      h.block(10 * round, round, 0, 0, 0, 10'000'000'000);
      h.block(10 * round + 1, round, 1, 0, 1, round * 20'000'000'000, round == 2 ? Json{"stolen"} : Json::array());
      h.complete(round);
    }
    CHECK(text(paired_rounds(h.read(), kB, kA, 0)) == (single_pass ? "1: 2 2 1 1" : ""));
  }
}

TEST_CASE("a round without a single whole quad is no paired round") {
  HandWritten h;
  for (const int round : {1, 2}) {
    h.replicate(10 * round, round, 0);
    h.replicate(10 * round + 1, round, 1);
    h.block(10 * round, round, 0, 0, 0, 10'000'000'000);
    h.block(10 * round + 1, round, 1, 0, 1, 20'000'000'000);
    if (round == 2) h.block(21, 2, 1, 0, 2, 20'000'000'000);
    h.block(10 * round, round, 0, 0, 3, 10'000'000'000);
    h.complete(round);
  }
  CHECK(text(paired_rounds(h.read(), kB, kA, 0)) == "2: 2 2 1 1");
}

TEST_CASE("of a repeated place the last unmarked attempt counts, wherever it stands in the journal") {
  HandWritten h;
  h.replicate(10, 1, 0);
  h.replicate(11, 1, 1);
  h.block(10, 1, 0, 0, 0, 10'000'000'000);  // superseded by the last line
  h.block(11, 1, 1, 0, 1, 20'000'000'000);
  h.block(11, 1, 1, 0, 2, 20'000'000'000);
  h.block(10, 1, 0, 0, 3, 10'000'000'000);
  h.block(10, 1, 0, 0, 0, 30'000'000'000);
  h.complete(1);
  CHECK(text(paired_rounds(h.read(), kB, kA, 0)) == "1: 2 2 3 1");
}

TEST_CASE("a place whose second process took over after a failure belongs to a round that does not count") {
  HandWritten h;
  h.replicate(10, 1, 0);
  h.replicate(11, 1, 1);
  h.replicate(12, 1, 1);
  h.block(10, 1, 0, 0, 0, 10'000'000'000);
  h.block(11, 1, 1, 0, 1, 20'000'000'000);
  h.add({{"type", "failed"}, {"replicate", 11}, {"outcome", "crashed"}, {"reason", "killed by SIGSEGV"}});
  h.block(12, 1, 1, 0, 1, 20'000'000'000);
  h.block(12, 1, 1, 0, 2, 20'000'000'000);
  h.block(10, 1, 0, 0, 3, 10'000'000'000);
  h.complete(1);
  CHECK(text(paired_rounds(h.read(), kB, kA, 0)) == "");
}

TEST_CASE("a round counts from its round line on, and an interrupted one never") {
  FakeRun fake;
  fake.rounds = 3;
  fake.quads = 1;
  fake.interrupted_round = 3;
  fake.seconds = [](const Place& p) { return p.round + p.treatment * 0.5; };
  const RunRecord run = record_of(fake);
  CHECK(run.rounds.back().state == RoundState::interrupted);
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 1.5 1.5 1 1; 2: 2.5 2.5 2 2");
  CHECK(text(side_rounds(run, kA, 0)) == "1: 1 1; 2: 2 2");
}

TEST_CASE("blocks of an abandoned round are kept, and only its second attempt counts") {
  FakeRun fake;
  fake.rounds = 2;
  fake.quads = 2;
  fake.abandoned_round = 2;
  int blocks_of_round_2 = 0;
  fake.seconds = [&](const Place& p) {
    if (p.round == 2) ++blocks_of_round_2;
    return blocks_of_round_2 > 6 ? 8.0 : 1.0 + p.treatment;  // the first attempt ends after one quad of three slots
  };
  const RunRecord run = record_of(fake);
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 2 2 1 1 | 2 2 1 1; 2: 8 8 8 8 | 8 8 8 8");
  CHECK(text(side_rounds(run, kB, 0)) == "1: 2 2 2 2; 2: 8 8 8 8");
}

TEST_CASE("control copies and the peak are sides of their own") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.planted = 1.25;
  fake.peaks = {fake::treatment({{"precision", std::string("f64")}})};
  fake.seconds = [](const Place& p) {
    switch (p.role) {
      case Role::same: return 1.0;
      case Role::slowed: return 1.25;
      case Role::peak: return 0.125;
      case Role::plain: break;
    }
    return p.treatment == 0 ? 1.0 : 2.0;
  };
  const RunRecord run = record_of(fake);
  CHECK(text(paired_rounds(run, kSame, kA, 0)) == "1: 1 1 1 1");
  CHECK(text(paired_rounds(run, kSlowed, kA, 0)) == "1: 1.25 1.25 1 1");
  CHECK(text(paired_rounds(run, kB, kPeak, 0)) == "1: 2 2 0.125 0.125");
  CHECK(text(side_rounds(run, kPeak, 0)) == "1: 0.125 0.125");
  CHECK(text(side_rounds(run, kA, 0)) == "1: 1 1");
}

TEST_CASE("pairs share rounds only inside a group; several shared groups are joined") {
  FakeRun fake;
  fake.treatments.push_back(fake::treatment({{"version", std::string("c")}}));
  fake.groups = {{0, 1}, {0, 2}, {1, 0}};
  fake.rounds = 1;
  fake.quads = 1;
  fake.same = false;
  fake.seconds = [](const Place& p) { return 1.0 + p.treatment + 0.25 * p.group; };
  const RunRecord run = record_of(fake);
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 2 2 1 1 | 2.5 2.5 1.5 1.5");
  CHECK(text(paired_rounds(run, Side{2}, kA, 0)) == "1: 3.25 3.25 1.25 1.25");
  CHECK(text(paired_rounds(run, Side{2}, kB, 0)) == "");
  CHECK(text(side_rounds(run, kA, 0)) == "1: 1 1 1.25 1.25 1.5 1.5");
}

TEST_CASE("a side that failed takes its round from the pairs of its group, and from no other") {
  FakeRun fake;
  fake.treatments.push_back(fake::treatment({{"version", std::string("c")}}));
  fake.rounds = 3;
  fake.quads = 1;
  fake.same = false;
  fake.seconds = [](const Place& p) { return 1.0 + p.treatment; };
  fake.ends = [](const Place& p) -> Ending {
    if (p.treatment == 1 && p.round == 1) return {Outcome::crashed, "killed by SIGSEGV"};
    if (p.treatment == 1 && p.round == 2) return {Outcome::wrong_answer, "off by one"};
    return {};
  };
  const RunRecord run = record_of(fake);
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "3: 2 2 1 1");
  CHECK(text(side_rounds(run, kB, 0)) == "3: 2 2");
  CHECK(text(paired_rounds(run, Side{2}, kA, 0)) == "1: 3 3 1 1; 2: 3 3 1 1; 3: 3 3 1 1");
}

TEST_CASE("the elapsed metric of a modelled side is the whole work's time, and other metrics are as they are") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.same = false;
  fake.metrics.push_back(fake::time_metric("gc_s"));
  fake.modelled[1] = {128, "8 of 1024 rows"};
  fake.seconds = [](const Place& p) { return p.treatment == 1 ? 0.5 : 1.0; };
  fake.block_metrics = [](const Place& p) {
    return std::map<std::string, double>{{"gc_s", 0.25 * p.position}, {"pages", 3}};
  };
  const RunRecord run = record_of(fake);
  CHECK(run.metric_names == std::vector<std::string>{"time_s", "gc_s", "pages"});
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 64 64 1 1");
  CHECK(text(paired_rounds(run, kB, kA, 1)) == "1: 0.25 0.5 0 0.75");
  CHECK(text(side_rounds(run, kB, 2)) == "1: 3 3");
}

TEST_CASE("beside a clock of time one that counts keeps its values to itself") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.same = false;
  fake.metrics.push_back(fake::instructions_metric());
  fake.clocks[1] = Clock::instructions;
  fake.seconds = [](const Place& p) { return p.treatment == 1 ? 371'403.0 : 0.5; };
  const RunRecord run = record_of(fake);
  CHECK(text(side_rounds(run, kA, 0)) == "1: 0.5 0.5");
  CHECK(side_rounds(run, kA, 1).empty());
  CHECK(side_rounds(run, kB, 0).empty());
  CHECK(text(side_rounds(run, kB, 1)) == "1: 371403 371403");
  CHECK(paired_rounds(run, kB, kA, 0).empty());
  CHECK(paired_rounds(run, kB, kA, 1).empty());
}

TEST_CASE("metrics of a whole replicate have a value a round, and no quads") {
  FakeRun fake;
  fake.rounds = 2;
  fake.quads = 1;
  fake.metrics.push_back(fake::proportion_metric("accuracy"));
  fake.evaluate = [](const Place& p) {
    return std::map<std::string, double>{{"accuracy", p.treatment == 1 ? 0.75 : 0.5 + 0.125 * p.round}};
  };
  fake.ends = [](const Place& p) -> Ending {
    if (p.treatment == 1 && p.round == 2) return {Outcome::timed_out, "60 s"};
    return {};
  };
  const RunRecord run = record_of(fake);
  CHECK(text(side_rounds(run, kA, 1)) == "1: 0.625; 2: 0.75");
  CHECK(text(side_rounds(run, kB, 1)) == "1: 0.75");
  CHECK(text(side_rounds(run, kSame, 1)) == "1: 0.625; 2: 0.75");
  CHECK(paired_rounds(run, kB, kA, 1).empty());
}

TEST_CASE("what a command's output gave stands in its blocks, whatever the metric's scope") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.same = false;
  fake.metrics = {fake::time_metric("cpu_s"), fake::time_metric("wall_s"), fake::proportion_metric("accuracy")};
  fake.metrics[0].metric.clock = Clock::cpu;
  fake.block_metrics = [](const Place& p) {
    return std::map<std::string, double>{{"cpu_s", 0.5}, {"accuracy", p.position < 2 ? 0.25 : 0.75}};
  };
  const RunRecord run = record_of(fake);
  CHECK(run.metric_names[static_cast<std::size_t>(run.elapsed_metric)] == "wall_s");
  CHECK(text(paired_rounds(run, kB, kA, 0)) == "1: 0.5 0.5 0.5 0.5");
  CHECK(text(paired_rounds(run, kB, kA, 1)) == "1: 2 2 1 1");
  CHECK(text(side_rounds(run, kA, 2)) == "1: 0.25 0.75");
}

TEST_CASE("after a pilot every round counts by as many first quads as its second stage fixed, the pilot's rounds too") {
  FakeRun fake;
  fake.rounds = 3;
  fake.quads = 4;
  fake.seconds = [](const Place& p) { return p.treatment == 1 ? 2.0 + p.quad : 1.0; };
  CHECK(record_of(fake).calibration.contains("pilot") == false);
  CHECK(paired_rounds(record_of(fake), kB, kA, 0).front().quads.size() == 4);
  fake.second_stage = {{"pilot", 2}, {"quads", 2}};
  const RunRecord run = record_of(fake);
  REQUIRE(paired_rounds(run, kB, kA, 0).size() == 3);
  for (const PairedRound& round : paired_rounds(run, kB, kA, 0)) {
    REQUIRE(round.quads.size() == 2);
    CHECK(round.quads[0].quad == 0);
    CHECK(round.quads[1].quad == 1);
    CHECK(round.quads[1].of1 == 3);
  }
  for (const SideRound& round : side_rounds(run, kB, 0)) CHECK(round.values == std::vector<double>{2, 2, 3, 3});
}

}  // namespace
}  // namespace assay::record
