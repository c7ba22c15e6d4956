// The controls that are kept between runs: which, where, how often, and what a damaged file costs.
#include "cli/control_pool.hpp"

#include <fstream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

using namespace assay;
using namespace assay::cli;
using assay::reports::test::comparison_run;
using assay::reports::test::FakeRun;
using assay::reports::test::ladder_run;
using assay::reports::test::reported;
using assay::reports::test::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<PooledControl> pooled(const FakeRun& fake) {
  const TemporaryFolder results;
  const auto [run, report] = reported(results.path(), fake);
  return controls_of(run, report);
}

PooledControl control(const std::string& run, const std::string& machine = "m") {
  PooledControl c;
  c.machine = machine;
  c.run = run;
  c.experiment = "e";
  c.metric = "time_s";
  c.treatment = std::string(64, 'a');
  c.time = "2026-11-28T03:00:00Z";
  c.ratio = 1.001;
  c.low = 0.99;
  c.high = 1.01;
  c.p = 0.8;
  c.iteration_s = 0.001;
  c.wall_s = 1;
  c.spread = {.rounds = 7, .quads = 4, .sd = 0.01, .sd_between = 0.004, .sd_within = 0.02, .start_s = 0.1, .quad_s = 0.01, .fixed_s = 0.1};
  return c;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t lines_in(const std::filesystem::path& file) {
  const std::string text = text_of(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void add_text(const std::filesystem::path& file, const std::string& text) { std::ofstream(file, std::ios::app) << text; }

}  // namespace

TEST_CASE("a run leaves the control of each baseline, with what it scattered and cost") {
  const auto controls = pooled(comparison_run());  // fp32 at two batch sizes; accuracy is no time
  REQUIRE(controls.size() == 2);
  for (const PooledControl& c : controls) {
    CHECK(c.kind == Role::same);
    CHECK(c.experiment == "precision-ablation");
    CHECK(c.metric == "latency_s");
    CHECK(c.run == "20261124T101500Z-1a2b3c4d");
    CHECK(c.kernel == "Linux 6.1");
    CHECK(c.elapsed);
    CHECK(c.spread.rounds == 15);
    CHECK(c.spread.quads == 2);
    REQUIRE(c.spread.sd);
    CHECK(*c.spread.sd > 0);
    CHECK(*c.spread.sd < 0.02);  // blocks are scattered by 1 % each
    CHECK(c.spread.sd_within.value() > 0);
    CHECK(c.spread.quad_s > 0);
    CHECK((c.low < c.ratio && c.ratio < c.high));
  }
  CHECK(controls[0].treatment != controls[1].treatment);
  CHECK(controls[0].iteration_s == Approx(0.95e-3).epsilon(0.02));
  CHECK(controls[1].iteration_s == Approx(32e-3).epsilon(0.02));
}

TEST_CASE("a planted slowdown is kept with what was planted; a modelled baseline's controls are not kept") {
  FakeRun fake = ladder_run();
  CHECK(pooled(fake).empty());  // its baseline, Python, is modelled
  fake.modelled.clear();
  const auto controls = pooled(fake);
  REQUIRE(controls.size() == 2);
  CHECK(controls[0].kind == Role::same);
  CHECK(controls[1].kind == Role::slowed);
  CHECK(controls[1].planted == 1.02);
  CHECK(controls[1].ratio == Approx(1.02).epsilon(0.01));
}

TEST_CASE("controls that were not measured here, of interrupted runs, or of what is no time are not kept") {
  FakeRun fake;
  fake.seconds = [](const reports::test::Place& p) { return reports::test::noise(p, 0.01); };
  CHECK(pooled(fake).size() == 1);

  FakeRun interrupted = fake;
  interrupted.stopped_by = "interrupt";
  CHECK(pooled(interrupted).empty());
  interrupted.ended = false;
  CHECK(pooled(interrupted).empty());

  for (const Provenance provenance : {Provenance::imported, Provenance::simulated, Provenance::published}) {
    FakeRun elsewhere = fake;
    elsewhere.metrics[0].metric.provenance = provenance;
    CHECK(pooled(elsewhere).empty());
  }
  FakeRun no_copy = fake;
  no_copy.same = false;
  CHECK(pooled(no_copy).empty());
}

TEST_CASE("each run counts once a baseline: not for its percentiles, nor again when it was extended after a look") {
  const TemporaryFolder results;
  auto [run, report] = reported(results.path(), comparison_run());
  auto percentile = report.controls.front();
  percentile.statistic = "p99";
  report.controls.push_back(percentile);
  CHECK(controls_of(run, report).size() == 2);
  run.extends.push_back({"20261124T101000Z-00000000", std::string(64, '0'), 7, 1});
  CHECK(controls_of(run, report).empty());
}

TEST_CASE("a line reads back as what it was") {
  PooledControl c = control("r");
  c.kind = Role::slowed;
  c.planted = 1.02;
  c.elapsed = false;
  c.kernel = "Linux \"6.1\"";
  const auto back = control_of(to_json(c).dump());
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(c));
}

TEST_CASE("the key of a machine is its processor, cores and hypervisor, whatever was booted") {
  Json facts{{"topology", {{"model", "Imaginary 9000"}, {"cores", 2}, {"microcode", "0x1"}}},
             {"environment", {{"kernel", "Linux 6.1"}, {"hypervisor", "kvm"}, {"boot_id", "a"}}}};
  const std::string key = machine_key(facts);
  CHECK(key.size() == 16);
  Json later = facts;
  later["environment"]["kernel"] = "Linux 6.2";
  later["environment"]["boot_id"] = "b";
  later["topology"]["microcode"] = "0x2";
  CHECK(machine_key(later) == key);
  for (const auto& [room, name, value] : {std::tuple{"topology", "model", Json("Imaginary 9001")}, {"topology", "cores", Json(4)},
                                          {"environment", "hypervisor", Json("none")}}) {
    Json other = facts;
    other[room][name] = value;
    CHECK(machine_key(other) != key);
  }
  CHECK(machine_key(Json::object()).size() == 16);
}

TEST_CASE("controls are appended, once a run, and read back for their machine alone") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a" / "controls.jsonl";  // a folder that isn't there yet
  CHECK(read_controls(file, "m").controls.empty());
  REQUIRE(append_controls(file, {control("r1"), control("r1")}));
  REQUIRE(append_controls(file, {control("r2")}));
  REQUIRE(append_controls(file, {control("r3", "another")}));
  REQUIRE(append_controls(file, {control("r1"), control("r1")}));  // again: a run is there once
  const ControlPool pool = read_controls(file, "m");
  REQUIRE(pool.controls.size() == 3);
  CHECK(pool.controls[0].run == "r1");
  CHECK(pool.controls[2].run == "r2");
  CHECK(pool.skipped == 0);
  CHECK(lines_in(file) == 4);
}

TEST_CASE("a torn line, another program's lines and numbers that make no sense cost themselves alone") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "controls.jsonl";
  REQUIRE(append_controls(file, {control("r1")}));
  for (const char* line : {"", "hello", "[]", "{}", "{\"schema\":1}", "\xff\xfe", "{\"schema\":2,\"run\":\"r\"}"}) add_text(file, std::string(line) + "\n");
  for (const auto& [field, value] : {std::pair{"p", Json(2)}, {"p", Json(nullptr)}, {"ratio", Json(0)}, {"low", Json("1")}, {"rounds", Json(1)},
                                     {"rounds", Json(1e300)}, {"kind", Json("plain")}, {"run", Json("")}, {"elapsed", Json(1)}}) {
    OrderedJson damaged = to_json(control("rx"));
    damaged[field] = OrderedJson(value);
    add_text(file, damaged.dump() + "\n");
  }
  add_text(file, to_json(control("torn")).dump().substr(0, 100));  // the machine went down here
  ControlPool pool = read_controls(file, "m");
  CHECK(pool.controls.size() == 1);
  CHECK(pool.skipped == 16);
  REQUIRE(append_controls(file, {control("r2")}));  // doesn't become the end of the torn one
  pool = read_controls(file, "m");
  REQUIRE(pool.controls.size() == 2);
  CHECK(pool.controls[1].run == "r2");
  CHECK(pool.skipped == 17);
}

TEST_CASE("the file is cut to the newest controls before it grows without end") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "controls.jsonl";
  std::string many;
  for (std::size_t i = 0; i < kMostControls + kMostControls / 10; ++i) many += to_json(control("old" + std::to_string(i))).dump() + "\n";
  add_text(file, many);
  REQUIRE(append_controls(file, {control("newest")}));
  CHECK(lines_in(file) == kMostControls);
  const ControlPool pool = read_controls(file, "m");
  CHECK(pool.controls.front().run == "old" + std::to_string(kMostControls / 10 + 1));
  CHECK(pool.controls.back().run == "newest");
}

TEST_CASE("several processes that append at once lose nothing") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "controls.jsonl";
  std::string many;  // close to the limit, so that one of them cuts the file while others wait for it
  for (std::size_t i = 0; i < kMostControls + kMostControls / 10 - 20; ++i) many += to_json(control("old")).dump() + "\n";
  add_text(file, many);
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {  // each opens the file anew, and flock holds between open files
      for (int i = 0; i < 10; ++i) {
        if (!append_controls(file, {control("w" + std::to_string(w) + "-" + std::to_string(i))})) return;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const ControlPool pool = read_controls(file, "m");
  CHECK(pool.skipped == 0);
  CHECK(std::count_if(pool.controls.begin(), pool.controls.end(), [](const PooledControl& c) { return c.run.front() == 'w'; }) == 40);
}

TEST_CASE("a place that can't be written is one sentence") {
  const TemporaryFolder folder;
  add_text(folder.path() / "file", "no folder\n");
  const auto kept = append_controls(folder.path() / "file" / "controls.jsonl", {control("r1")});
  REQUIRE_FALSE(kept);
  CHECK_THAT(kept.error().message, ContainsSubstring("file"));
}
