// Runs that were stopped and resumed: which attempt of a round counts, and which ending.
#include "tests/harness/record/written_run.hpp"

namespace assay::record {
namespace {

using Catch::Matchers::ContainsSubstring;
using fake::FakeRun;

TEST_CASE("an interrupted round that was done again is kept as abandoned beside its second attempt") {
  FakeRun fake;
  fake.rounds = 3;
  fake.quads = 2;
  fake.abandoned_round = 2;
  const RunRecord run = read(Folder(fake).path);
  REQUIRE(run.rounds.size() == 4);
  CHECK(run.rounds[0].state == RoundState::complete);
  CHECK(run.rounds[1].number == 2);
  CHECK(run.rounds[1].state == RoundState::abandoned);
  CHECK(run.rounds[2].number == 2);
  CHECK(run.rounds[2].state == RoundState::complete);
  CHECK(run.rounds[3].state == RoundState::complete);
  REQUIRE(run.notes.size() == 1);
  CHECK(run.notes[0] == std::pair<std::string, std::string>("resumed", "the run was interrupted and resumed; round 2 "
                                                                       "was done again"));
  int abandoned = 0;
  int counted = 0;
  for (const Block& b : run.blocks) {
    if (b.round != 2) {
      CHECK_FALSE(b.marks & kAbandoned);
      continue;
    }
    const bool first = b.replicate < 2 + 3 + 3;  // rehearsal, round 1, first attempt: a, b, second copy
    CHECK(bool(b.marks & kAbandoned) == first);
    CHECK(b.estimated() == !first);
    (first ? abandoned : counted) += 1;
  }
  CHECK(abandoned == 6);
  CHECK(counted == 12);
  for (const Replicate& r : run.replicates) CHECK(r.abandoned == (r.id >= 5 && r.id < 8));
}

TEST_CASE("a round abandoned twice has three entries, of which the last counts") {
  FakeRun fake;
  fake.rounds = 1;
  fake.interrupted_round = 1;
  const Folder folder(fake);
  const std::string a = fake.treatments[0].id();
  const Json resume{{"type", "resume"}, {"abandoned_round", 1}, {"bytes_cut", 17}};
  folder.append({resume, replicate_line(50, 1, a), block_line(50, 1, a), resume, replicate_line(60, 1, a),
                 block_line(60, 1, a), {{"type", "round"}, {"round", 1}, {"state", "complete"}}});
  const RunRecord run = read(folder.path);
  REQUIRE(run.rounds.size() == 3);
  CHECK(run.rounds[0].state == RoundState::abandoned);
  CHECK(run.rounds[1].state == RoundState::abandoned);
  CHECK(run.rounds[2].state == RoundState::complete);
  CHECK(std::count_if(run.blocks.begin(), run.blocks.end(), [](const Block& b) { return b.estimated(); }) == 1);
  CHECK_THAT(run.notes[0].second, ContainsSubstring("the line being written was lost (17 bytes)"));
}

TEST_CASE("a run that was stopped and resumed is stopped by what ended it last") {
  FakeRun fake;
  fake.stopped_by = "interrupt";
  const Folder folder(fake);
  CHECK(read(folder.path).stopped_by == "interrupt");
  folder.append({{{"type", "resume"}, {"abandoned_round", nullptr}, {"bytes_cut", 0}}});
  const RunRecord resumed = read(folder.path);
  CHECK(resumed.stopped_by.empty());
  for (const Round& r : resumed.rounds) CHECK(r.state == RoundState::complete);
  folder.append({{{"type", "end"}, {"stopped_by", "budget"}}});
  CHECK(read(folder.path).stopped_by == "budget");
}

TEST_CASE("a run that was stopped in its rehearsal has no calibration and no rounds, and begins its rehearsal again") {
  const Folder folder;
  const std::string whole = *read_file(folder.journal());
  const std::size_t second_line = whole.find('\n') + 1;
  REQUIRE(write_atomically(folder.journal(), whole.substr(0, whole.find('\n', second_line) + 1)));
  RunRecord run = read(folder.path);
  CHECK(run.calibration.is_null());
  CHECK(run.rounds.empty());
  CHECK(run.stopped_by.empty());

  const std::string b = FakeRun().treatments[1].id();
  folder.append({replicate_line(7, 0, b),
                 {{"type", "failed"}, {"replicate", 7}, {"outcome", "timed_out"}, {"reason", "interrupted"}}});
  CHECK(read(folder.path).rehearsal[1].outcome == Outcome::timed_out);
  folder.append({{{"type", "resume"}, {"abandoned_round", 0}, {"bytes_cut", 0}}, replicate_line(8, 0, b)});
  run = read(folder.path);
  CHECK(run.rehearsal[1].ok());
  CHECK(run.rounds.empty());
  CHECK_THAT(run.notes[0].second, ContainsSubstring("its rehearsal was done again"));
}

TEST_CASE("a second calibration refines the first one") {
  FakeRun fake;
  fake.planted = 1.02;
  const Folder folder(fake);
  folder.append({{{"type", "calibration"}, {"rounds", 31}}});
  RunRecord run = read(folder.path);
  CHECK(run.calibration.at("rounds") == 31);
  CHECK(run.calibration.at("quads") == 2);
  CHECK(run.slowed_by == 1.02);
  folder.append({{{"type", "calibration"}, {"planted", nullptr}, {"planted_reason", "too few iterations"}}});
  CHECK_FALSE(read(folder.path).slowed_by);
}

}  // namespace
}  // namespace assay::record
