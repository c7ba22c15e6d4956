#include "harness/record/run_record.hpp"

#include <fstream>
#include <sstream>

#include "harness/record/run_folder.hpp"
#include "harness/record/samples.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using fake::FakeRun;
using fake::Place;
using fake::TemporaryFolder;

RunRecord read(const fs::path& folder) {
  auto run = read_run(folder);
  if (!run) FAIL(run.error().message);
  return *std::move(run);
}

std::string error_of(const fs::path& folder) {
  const auto run = read_run(folder);
  return run ? std::string("no error") : run.error().message;
}

/// A run folder, whose journal can be continued by hand.
struct Folder {
  TemporaryFolder results;
  fs::path path;

  explicit Folder(const FakeRun& fake = {}) : path(write_fake_run(results.path(), fake)) {}
  fs::path journal() const { return path / "journal.jsonl"; }
  void append(std::vector<Json> lines) const {
    auto file = Journal::reopen(journal());
    REQUIRE(file);
    for (Json& line : lines) REQUIRE(file->append(std::move(line)));
  }
  void replace_in_manifest(const char* pointer, Json value) const {
    auto manifest = parse_json(*read_file(path / "manifest.json"));
    REQUIRE(manifest);
    (*manifest)[Json::json_pointer(pointer)] = std::move(value);
    REQUIRE(write_atomically(path / "manifest.json", manifest->dump()));
  }
};

Json replicate_line(int number, int round, const std::string& treatment) {
  return {{"type", "replicate"}, {"replicate", number}, {"round", round}, {"group", 0}, {"treatment", treatment},
          {"role", "plain"}, {"phase", round == 0 ? "rehearsal" : "measure"}, {"outcome", "ok"}, {"reason", nullptr}};
}

Json block_line(int number, int round, const std::string& treatment) {
  return {{"type", "block"}, {"round", round}, {"group", 0}, {"replicate", number}, {"treatment", treatment},
          {"role", "plain"}, {"phase", "measure"}, {"quad", 0}, {"position", 0}, {"predecessor", nullptr},
          {"iterations", 10}, {"elapsed", 5000}, {"unit", "us"}, {"clock", "wall"}, {"outcome", "ok"},
          {"reason", nullptr}};
}

TEST_CASE("a whole run is read back as it was scripted") {
  FakeRun fake;
  fake.experiment = "suite/ladder";
  fake.published_text = "[paper]\n";
  fake.rounds = 3;
  fake.quads = 2;
  fake.planted = 1.25;
  fake.work[1] = {{"flop", 1024.0}, {"bytes", 256.0}};
  fake.modelled[1] = {128, "8 of 1024 rows"};
  const Folder folder(fake);
  const RunRecord run = read(folder.path);
  CHECK(run.folder == folder.path);
  CHECK(run.experiment_text == fake.experiment_text);
  CHECK(run.published_text == "[paper]\n");
  CHECK(run.experiment == "suite/ladder");
  CHECK(run.preset == "quick");
  CHECK(run.treatments == fake.treatments);
  CHECK(run.ids == std::vector<std::string>{fake.treatments[0].id(), fake.treatments[1].id()});
  CHECK(run.metric_names == std::vector<std::string>{"time_s"});
  CHECK(run.elapsed_metric == 0);
  CHECK(run.stopped_by == "rounds");
  CHECK(run.slowed_by == 1.25);
  CHECK(run.calibration.at("quads") == 2);
  CHECK_FALSE(run.calibration.contains("prev"));
  CHECK(run.notes.empty());
  REQUIRE(run.rounds.size() == 3);
  CHECK(run.rounds[2].number == 3);
  CHECK(run.rounds[2].state == RoundState::complete);

  REQUIRE(run.replicates.size() == 2 + 3 * 4);
  const Replicate& b = run.replicates[3];
  CHECK(b.id == 3);
  CHECK(b.round == 1);
  CHECK(b.treatment == 1);
  CHECK(b.role == Role::plain);
  CHECK(b.phase == Phase::measure);
  CHECK(b.start_s == 0.25);
  CHECK(b.resident_bytes == 16777216);
  CHECK(b.work == std::vector<std::pair<std::string, double>>{{"bytes", 256.0}, {"flop", 1024.0}});
  REQUIRE(b.modelled);
  CHECK(b.modelled->factor == 128);
  CHECK(b.modelled->note == "8 of 1024 rows");
  REQUIRE(b.checked);
  CHECK(b.checked->rule == "|err| <= 1e-12");
  CHECK(b.ending.ok());
  CHECK(run.replicates[5].role == Role::slowed);

  REQUIRE(run.blocks.size() == 2 + 3 * 2 * 2 * 4);
  CHECK(run.blocks[0].phase == Phase::rehearsal);
  CHECK_FALSE(run.blocks[0].estimated());
  const Block& last = run.blocks.back();
  CHECK(last.round == 3);
  CHECK(last.quad == 1);
  CHECK(last.position == 15);
  CHECK(last.treatment == 0);
  CHECK(last.predecessor == last.replicate + 1);
  CHECK(last.elapsed_s == 4.0);
  CHECK(last.iterations == 4);
  CHECK(last.settled_ns == 1000000);
  CHECK(last.bracket_ns == 5000000);
  CHECK(last.cpu_ns == 4990000);
  CHECK(last.clock == Clock::wall);
  CHECK(last.estimated());
}

TEST_CASE("a process's counters are summed over its blocks that are estimated, each with the iterations that had it") {
  FakeRun fake;
  fake.rounds = 2;
  fake.quads = 2;
  fake.marks = [](const Place& p) -> std::uint8_t {
    return p.treatment == 1 && p.quad == 0 && p.position < 3 && p.attempt == 0 ? std::uint8_t{kStolen} : std::uint8_t{0};
  };
  fake.counters = [](const Place& p) -> Json {
    Json counters{{"page_faults", p.attempt == 0 ? 3 : 5}, {"peak_memory_bytes", 1 << 20}, {"task_clock_s", 0.5},
                  {"llc_misses", {{"reason", "no PMU"}, {"page_faults", 1000}}}};
    if (p.round == 2 && p.quad == 1) counters["instructions"] = 7'000'000'000;  // another set, and not in every block
    return counters;
  };
  const Folder folder(fake);
  const RunRecord run = read(folder.path);
  const auto total_of = [&run](const Replicate& r, const std::string& name) -> const CounterTotal* {
    for (const CounterTotal& c : r.counters) {
      if (run.counter_names[static_cast<std::size_t>(c.counter)] == name) return &c;
    }
    return nullptr;
  };
  int looked_at = 0;
  for (const Replicate& r : run.replicates) {
    INFO(r.id);
    if (r.round == 0) {
      CHECK(r.counters.empty());
      continue;
    }
    if (r.role != Role::plain) continue;
    ++looked_at;
    const CounterTotal* faults = total_of(r, "page_faults");
    REQUIRE(faults);
    CHECK(faults->total == (r.treatment == 1 ? 3 * 3 + 5 : 4 * 3));  // one stolen block counts by its repetition
    CHECK(faults->iterations == 16);
    CHECK(faults->elapsed_s == (r.treatment == 1 ? 32 : 16));
    CHECK(total_of(r, "task_clock_s")->total == 2);
    CHECK(total_of(r, "peak_memory_bytes") == nullptr);
    CHECK(total_of(r, "llc_misses") == nullptr);
    REQUIRE((total_of(r, "instructions") != nullptr) == (r.round == 2));
    if (r.round == 2) {
      CHECK(total_of(r, "instructions")->total == 14e9);
      CHECK(total_of(r, "instructions")->iterations == 8);
    }
  }
  CHECK(looked_at == 4);
}

TEST_CASE("energy is that of the tail's block and of blocks of a second, for its registers tick every millisecond") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.tail = true;
  fake.seconds = [](const Place& p) { return p.treatment == 1 ? 0.25 : 0.01; };  // times 4 iterations
  fake.counters = [](const Place& p) { return Json{{"energy_package_j", p.quad < 0 ? 60 : 5}, {"page_faults", 1}}; };
  const Folder folder(fake);
  const RunRecord run = read(folder.path);
  int looked_at = 0;
  for (const Replicate& r : run.replicates) {
    if (r.round == 0 || r.role != Role::plain) continue;
    ++looked_at;
    REQUIRE(r.counters.size() == 2);
    for (const CounterTotal& c : r.counters) {
      const bool energy = run.counter_names[static_cast<std::size_t>(c.counter)] == "energy_package_j";
      CHECK(c.total == (!energy ? 2 : r.treatment == 1 ? 5 + 5 + 60 : 60));
      CHECK(c.iterations == (!energy ? 8 : r.treatment == 1 ? 12 : 4));
    }
  }
  CHECK(looked_at == 2);
}

TEST_CASE("a treatment keeps the order in which its factors were written") {
  FakeRun fake;
  fake.treatments = {fake::treatment({{"version", std::string("a")}, {"batch", std::int64_t{8}}, {"alpha", 1.0}}),
                     fake::treatment({{"version", std::string("b")}, {"batch", std::int64_t{8}}, {"alpha", 1.0}})};
  const RunRecord run = read(Folder(fake).path);
  CHECK(run.treatments[1].label() == fake.treatments[1].label());
  CHECK(run.treatments[1].id() == fake.treatments[1].id());  // 1.0 stayed a float
}

TEST_CASE("elapsed is read in every unit of time, and in a clock's own unit where that counts something else") {
  const Folder folder;
  const std::string a = FakeRun().treatments[0].id();
  std::vector<Json> lines{replicate_line(900, 1, a)};
  for (const auto& [unit, clock] : {std::pair{"ns", "wall"}, {"us", "cpu"}, {"ms", "device_event"}, {"s", "virtual"},
                                    {"instructions", "instructions"}}) {
    Json line = block_line(900, 1, a);
    line["unit"] = unit;
    line["clock"] = clock;
    lines.push_back(line);
  }
  folder.append(lines);
  const RunRecord run = read(folder.path);
  const Block* b = &run.blocks[run.blocks.size() - 5];
  CHECK(b[0].elapsed_s == Approx(5e-6));
  CHECK(b[1].elapsed_s == Approx(5e-3));
  CHECK(b[1].clock == Clock::cpu);
  CHECK(b[2].elapsed_s == Approx(5.0));
  CHECK(b[3].elapsed_s == 5000.0);
  CHECK(b[4].elapsed_s == 5000.0);
  CHECK(b[4].clock == Clock::instructions);
  CHECK(b[4].predecessor == -1);
}

TEST_CASE("a worker that counts whole milliseconds has a clock of milliseconds") {
  const Folder folder;
  const std::string a = FakeRun().treatments[0].id();
  const auto slowed = [&](double elapsed, const char* unit) {
    Json line = block_line(900, 1, a);
    line.update({{"role", "slowed"}, {"elapsed", elapsed}, {"unit", unit}});
    return line;
  };
  Json replicate = replicate_line(900, 1, a);
  replicate["role"] = "slowed";
  folder.append({replicate, slowed(5, "ms"), slowed(7, "ms")});
  const Side side{0, Role::slowed};
  CHECK(clock_tick(read(folder.path), side) == 1e-3);
  CHECK(elapsed_of(read(folder.path), side) == std::vector<double>{5e-3, 7e-3});
  CHECK(clock_tick(read(folder.path), {0, Role::plain}) < 1e-6);
  folder.append({slowed(6.25, "ms")});
  CHECK(clock_tick(read(folder.path), side) < 1e-6);
}

TEST_CASE("a torn last line is dropped and noted, wherever it was torn") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  const Folder folder(fake);
  const std::string whole = *read_file(folder.journal());
  const std::size_t last_begin = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t length = last_begin + 1; length < whole.size(); length += 7) {
    REQUIRE(write_atomically(folder.journal(), whole.substr(0, length)));
    const RunRecord run = read(folder.path);
    REQUIRE(run.notes.size() == 1);
    CHECK(run.notes[0].first == "torn_tail");
    CHECK_THAT(run.notes[0].second, ContainsSubstring(fmt::format(" {} bytes", length - last_begin)));
    CHECK(run.stopped_by.empty());  // the torn line was "end"
    CHECK(run.rounds.size() == 1);
  }
}

TEST_CASE("any byte changed before the last line is found while reading") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  const Folder folder(fake);
  const std::string whole = *read_file(folder.journal());
  const std::size_t last_begin = whole.rfind('\n', whole.size() - 2) + 1;
  int undetected = 0;
  for (std::size_t i = 0; i < last_begin; i += 3) {
    std::string edited = whole;
    edited[i] = static_cast<char>(edited[i] ^ 1);
    std::ofstream(folder.journal(), std::ios::binary) << edited;
    undetected += error_of(folder.path).find("journal.jsonl:") == std::string::npos;
  }
  CHECK(undetected == 0);
}

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

TEST_CASE("a treatment that fails in the rehearsal carries that ending, and is not started again") {
  FakeRun fake;
  for (const char* name : {"c", "d", "e"}) fake.treatments.push_back(fake::treatment({{"version", std::string(name)}}));
  fake.rounds = 2;
  fake.ends = [](const Place& p) -> Ending {
    if (p.treatment == 1) return {Outcome::unsupported, "needs AVX-512F"};
    if (p.treatment == 2) return {Outcome::crashed, "killed by SIGSEGV"};
    if (p.treatment == 3) return {Outcome::wrong_answer, "off by one"};
    if (p.treatment == 4 && p.round == 1) return {Outcome::timed_out, "60 s"};
    return {};
  };
  const RunRecord run = read(Folder(fake).path);
  REQUIRE(run.rehearsal.size() == 5);
  CHECK(run.rehearsal[0].ok());
  CHECK(run.rehearsal[1].outcome == Outcome::unsupported);
  CHECK(run.rehearsal[1].reason == "needs AVX-512F");
  CHECK(run.rehearsal[2].outcome == Outcome::crashed);
  CHECK(run.rehearsal[2].reason == "killed by SIGSEGV");
  CHECK(run.rehearsal[3].outcome == Outcome::wrong_answer);
  CHECK(run.rehearsal[4].ok());
  for (const Replicate& r : run.replicates) {
    if (r.round > 0 && r.treatment == 4) CHECK(r.ending.outcome == (r.round == 1 ? Outcome::timed_out : Outcome::ok));
    if (r.treatment >= 1 && r.treatment <= 3) CHECK(r.round == 0);
  }
}

TEST_CASE("the first failure of a replicate is its ending, and an unsupported check is none") {
  FakeRun fake;
  fake.rounds = 0;
  fake.ended = false;
  const Folder folder(fake);
  const std::string a = fake.treatments[0].id();
  Json failed_block = block_line(52, 1, a);
  failed_block.update({{"outcome", "invalid_output"}, {"reason", "longer than the bracket"}, {"elapsed", nullptr},
                       {"clock", nullptr}});
  folder.append({
      replicate_line(50, 1, a),
      {{"type", "check"}, {"replicate", 50}, {"outcome", "unsupported"}, {"reason", "no oracle"}},
      {{"type", "evaluate"}, {"replicate", 50}, {"outcome", "unsupported"}, {"reason", "no data set"}},
      replicate_line(51, 1, a),
      {{"type", "check"}, {"replicate", 51}, {"max_error", 2}, {"tolerance", 1}, {"rule", "r"},
       {"outcome", "wrong_answer"}, {"reason", "2 > 1"}},
      {{"type", "failed"}, {"replicate", 51}, {"outcome", "crashed"}, {"reason", "SIGABRT"}},
      replicate_line(52, 1, a),
      failed_block,
  });
  const RunRecord run = read(folder.path);
  const Replicate* r = &run.replicates[run.replicates.size() - 3];
  CHECK(r[0].ending.ok());
  CHECK(r[0].check.outcome == Outcome::unsupported);
  CHECK(r[0].evaluation.reason == "no data set");
  CHECK_FALSE(r[0].checked);
  CHECK(r[1].ending.outcome == Outcome::wrong_answer);
  CHECK(r[1].ending.reason == "2 > 1");
  CHECK(r[1].checked->max_error == 2);
  CHECK(r[2].ending.outcome == Outcome::invalid_output);
  CHECK_FALSE(run.blocks.back().estimated());
}

TEST_CASE("what a later version adds is ignored: types of lines, fields, marks, and objects inside a block") {
  const Folder folder;
  const std::string a = FakeRun().treatments[0].id();
  Json line = block_line(70, 1, a);
  line["marks"] = {"haunted", "disturbed"};
  line["counters"] = {{"type", "note"}, {"seq", 0}, {"elapsed", 1}, {"deep", {{"metrics", {{"x", 1}}}}}};
  line["new_field"] = {1, {{"quad", 77}}, "measure"};
  line["metrics"] = {{"faults", 3}, {"nested", {{"pages", 4}}}, {"none", nullptr}};
  folder.append({{{"type", "weather"}, {"replicate", -5}}, replicate_line(70, 1, a), line});
  const RunRecord run = read(folder.path);
  const Block& b = run.blocks.back();
  CHECK(b.marks == kDisturbed);
  CHECK(b.quad == 0);
  CHECK(b.elapsed_s == Approx(5e-3));
  REQUIRE(b.metrics.size() == 1);
  CHECK(run.metric_names[static_cast<std::size_t>(b.metrics[0].first)] == "faults");
  CHECK(b.metrics[0].second == 3);
}

TEST_CASE("a line that makes no sense is named with its number") {
  const std::string a = FakeRun().treatments[0].id();
  const auto message = [&](Json line) {
    const Folder folder;
    folder.append({replicate_line(80, 1, a), std::move(line)});
    std::ifstream in(folder.journal());
    const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
    const std::string text = error_of(folder.path);
    const std::string where = fmt::format("journal.jsonl:{}: ", lines);
    CHECK_THAT(text, ContainsSubstring(where));
    return text.substr(std::min(text.size(), text.find(where) + where.size()));
  };
  const auto with = [&](const char* key, Json value) {
    Json line = block_line(80, 1, a);
    line[key] = std::move(value);
    return message(line);
  };
  CHECK(with("replicate", 81) == "a block of no replicate that was started before it");
  CHECK(with("replicate", std::int64_t{1} << 40) == "a block of no replicate that was started before it");
  CHECK(with("treatment", "unheard-of") == "treatment 'unheard-of' is not in manifest.json");
  CHECK(with("role", "villain") == "role 'villain' is no role");
  CHECK(with("phase", nullptr) == "phase '' is no phase");
  CHECK(with("outcome", "fine") == "outcome 'fine' is no outcome");
  CHECK(with("clock", "sundial") == "clock 'sundial' is no clock");
  CHECK(with("iterations", 0) == "a block without iterations");
  CHECK(with("elapsed", "soon") == "a block without elapsed");
  CHECK(with("elapsed", -1) == "a block without elapsed");
  CHECK(with("round", -1) == "a block without its round, group, quad or position");
  CHECK(message(replicate_line(80, 1, a)) == "replicate 80 is there twice");
  CHECK(message(replicate_line(-1, 1, a)) == "a replicate without number, round or group");
  CHECK(message({{"type", "check"}, {"replicate", 81}, {"outcome", "ok"}}) ==
        "it belongs to no replicate that was started before it");
  CHECK(message({{"type", "failed"}, {"replicate", 80}, {"outcome", "bad"}}) == "outcome 'bad' is no outcome");
  CHECK(message({{"type", "round"}, {"round", "one"}}) == "a round without its number");
}

TEST_CASE("the elapsed metric is the first planned one on the blocks' clock that blocks don't list themselves") {
  FakeRun fake;
  fake.metrics = {fake::proportion_metric("accuracy"), fake::time_metric("gpu_s"), fake::time_metric("cpu_s"),
                  fake::time_metric("latency_s")};
  fake.metrics[1].metric.clock = Clock::device_event;
  fake.block_metrics = [](const Place&) { return std::map<std::string, double>{{"cpu_s", 0.5}}; };
  const RunRecord run = read(Folder(fake).path);
  CHECK(run.elapsed_metric == 3);

  fake.metrics.pop_back();
  CHECK(read(Folder(fake).path).elapsed_metric == -1);
}

TEST_CASE("a folder that is no run, or no run of this schema, is one message") {
  {
    TemporaryFolder empty;
    CHECK_THAT(error_of(empty.path()), ContainsSubstring("experiment.toml: cannot be read"));
  }
  {
    const Folder folder;
    fs::remove(folder.path / "manifest.json");
    CHECK_THAT(error_of(folder.path), ContainsSubstring("manifest.json: cannot be read"));
  }
  {
    const Folder folder;
    fs::remove(folder.journal());
    CHECK_THAT(error_of(folder.path), ContainsSubstring("journal.jsonl: cannot be read"));
  }
  {
    const Folder folder;
    std::ofstream(folder.path / "manifest.json") << "{\"schema\":";
    CHECK_THAT(error_of(folder.path), ContainsSubstring("manifest.json: not JSON at byte"));
  }
  const auto with = [](const char* pointer, Json value) {
    const Folder folder;
    folder.replace_in_manifest(pointer, std::move(value));
    return error_of(folder.path);
  };
  CHECK_THAT(with("/schema", 2), ContainsSubstring("manifest.json: written in schema 2; this assay reads schema 1"));
  CHECK_THAT(with("/schema", nullptr), ContainsSubstring("manifest.json: no schema version"));
  CHECK_THAT(with("/treatments", nullptr), ContainsSubstring("manifest.json: 'treatments' is missing"));
  CHECK_THAT(with("/treatments/1/id", 7), ContainsSubstring("manifest.json: treatments[1] has no id"));
  CHECK_THAT(with("/treatments/1/treatment/version", Json::array()), ContainsSubstring("treatments[1]: factor 'version'"));
  CHECK_THAT(with("/metrics/0/clock", "sundial"), ContainsSubstring("manifest.json: metrics[0]: clock"));
}

TEST_CASE("the same script gives the same bytes") {
  const Folder one;
  const Folder two;
  for (const char* name : {"experiment.toml", "manifest.json", "journal.jsonl"}) {
    CHECK(*read_file(one.path / name) == *read_file(two.path / name));
  }
  CHECK(*read_file(one.path.parent_path() / "ledger.jsonl") == *read_file(two.path.parent_path() / "ledger.jsonl"));
}

TEST_CASE("the samples of a tail come back sorted, and the pairs know whose they are") {
  TemporaryFolder results;
  FakeRun fake;
  fake.rounds = 2;
  fake.tail = true;
  fake.samples = [](const Place& p) -> std::vector<double> { return {3.0 + p.treatment, 1.5, 2.0 * p.round}; };
  const auto run = read_run(write_fake_run(results.path(), fake));
  REQUIRE(run);
  CHECK(run->tails.size() == 2 * 3);  // of both treatments and of the copy
  const auto tails = side_tails(*run, {.treatment = 1, .role = Role::plain});
  REQUIRE(tails.size() == 2);
  CHECK(tails[0].round == 1);
  CHECK(tails[0].tail->values == std::vector<double>{1.5, 2, 4});
  CHECK(tails[1].tail->values == std::vector<double>{1.5, 4, 4});
  CHECK(side_tails(*run, {.treatment = 0, .role = Role::same}).size() == 2);
}

TEST_CASE("a tail of a failed process, of an abandoned round or of a part of the work is no side's") {
  FakeRun fake;
  fake.rounds = 3;
  fake.tail = true;
  fake.samples = [](const Place&) -> std::vector<double> { return {1}; };
  fake.abandoned_round = 2;
  fake.ends = [](const Place& p) {
    return p.treatment == 1 && p.round == 3 ? Ending{Outcome::wrong_answer, "off"} : Ending{};
  };
  TemporaryFolder results, others;
  const auto run = read_run(write_fake_run(results.path(), fake));
  REQUIRE(run);
  CHECK(side_tails(*run, {.treatment = 1, .role = Role::plain}).size() == 2);
  fake.modelled[1] = {128, "8 of 1024 rows"};
  const auto modelled = read_run(write_fake_run(others.path(), fake));
  REQUIRE(modelled);
  CHECK(side_tails(*modelled, {.treatment = 1, .role = Role::plain}).empty());
}

TEST_CASE("samples that are missing, edited or no numbers are refused with the file's name") {
  FakeRun fake;
  fake.rounds = 1;
  fake.tail = true;
  fake.samples = [](const Place&) -> std::vector<double> { return {1, 2}; };
  TemporaryFolder results;
  const auto folder = write_fake_run(results.path(), fake);
  const auto file = folder / "outputs" / "r001-00002.samples";
  REQUIRE(std::filesystem::exists(file));
  std::ofstream(file, std::ios::app) << "3\n";
  const auto edited = read_run(folder);
  REQUIRE_FALSE(edited);
  CHECK(edited.error().message.find("r001-00002.samples: these are not the samples that the journal vouches for") != std::string::npos);
  std::filesystem::remove(file);
  REQUIRE_FALSE(read_run(folder));
  CHECK(read_run(folder).error().message.find("r001-00002.samples") != std::string::npos);
  for (const char* line : {"1\ntwo\n", "1 2\n", "nan\n", "1"}) {
    std::ofstream(folder / "outputs" / "made.samples", std::ios::trunc) << line;
    CHECK_FALSE(read_samples(folder, "outputs/made.samples", sha256_hex(line)));
  }
  CHECK_FALSE(read_samples(folder, "../outside.samples", ""));
}

TEST_CASE("a sample is written so that it reads back to the last bit") {
  CHECK(sample_line(3080344) == "3080344\n");
  CHECK(sample_line(1e6) == "1000000\n");
  for (const double x : {0.1, 1e-9, 12345.678901234567, 1e300}) CHECK(std::stod(sample_line(x)) == x);
}

}  // namespace
}  // namespace assay::record
