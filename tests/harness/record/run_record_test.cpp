#include "harness/record/run_record.hpp"
#include <fstream>

#include "tests/harness/record/written_run.hpp"

namespace assay::record {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using fake::FakeRun;
using fake::Place;
using fake::TemporaryFolder;

TEST_CASE("what processes ran with is kept once for all that ran with the same") {
  const Folder folder;
  const std::string id = FakeRun().treatments[0].id();
  Json line = replicate_line(100, 8, id);
  line.update({{"cpus", {3, 4}}, {"libraries", {{"openblas", "0.3.21"}, {"a", 7}}}, {"inputs", {{"w.bin", "ab"}}}});
  Json again = line, odd = replicate_line(102, 8, id);
  again["replicate"] = 101;
  odd.update({{"cpus", "all"}, {"libraries", {1, 2}}, {"inputs", nullptr}});
  folder.append({line, again, odd});
  const RunRecord run = read(folder.path);
  REQUIRE(run.settings.size() == 3);  // of the fake's own, with a processor and no libraries
  const std::size_t last = run.replicates.size() - 1;
  CHECK(run.replicates[last - 2].setting == run.replicates[last - 1].setting);
  const Setting& setting = run.settings[static_cast<std::size_t>(run.replicates[last - 1].setting)];
  CHECK(setting == Setting{2, {{"openblas", "0.3.21"}}, {{"w.bin", "ab"}}});  // text only
  CHECK(run.settings[static_cast<std::size_t>(run.replicates[last].setting)] == Setting{});
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

}  // namespace
}  // namespace assay::record
