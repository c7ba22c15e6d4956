// What the supervisor does for every block besides waiting: read a reply, append a line. And what `assay report`
// does for every block: read it back.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

#include "harness/core/protocol.hpp"
#include "harness/record/run_record.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace {

using namespace assay;

void parse_a_reply(benchmark::State& state) {
  protocol::RunResult result;
  result.elapsed = 5'102'334;
  result.settled_ns = 1'003'122;
  result.counters = {{"task_clock_s", 0.0051}, {"page_faults", 0}, {"context_switches", 0}, {"cpu_migrations", 0}};
  const std::string line = protocol::encode(result);
  for (auto _ : state) benchmark::DoNotOptimize(protocol::parse_run(line));
}
BENCHMARK(parse_a_reply);

void append_a_block(benchmark::State& state) {
  record::fake::TemporaryFolder folder;
  std::ofstream(folder.path() / "experiment.toml") << "[experiment]\n";
  auto journal = record::Journal::create(folder.path() / "journal.jsonl");
  const std::string id(64, 'a');
  for (auto _ : state) {
    const auto written = journal->append({{"type", "block"},     {"round", 1},           {"group", 0},          {"replicate", 7},
                                          {"treatment", id},     {"role", "plain"},      {"phase", "measure"},  {"quad", 3},
                                          {"position", 12},      {"predecessor", 6},     {"iterations", 12},    {"elapsed", 5102334.0},
                                          {"unit", "ns"},        {"clock", "wall"},      {"settled_ns", 1003122}, {"bracket_ns", 6110201},
                                          {"cpu_ns", 6105113},   {"marks", Json::array()}, {"metrics", Json::object()},
                                          {"counters", {{"task_clock_s", 0.0051}, {"page_faults", 0}}}, {"outcome", "ok"}, {"reason", nullptr}});
    if (!written) state.SkipWithError(written.error().message.c_str());
  }
}
BENCHMARK(append_a_block);

void read_a_run(benchmark::State& state) {
  record::fake::TemporaryFolder results;
  record::fake::FakeRun fake;
  fake.rounds = 10;
  fake.quads = static_cast<int>(state.range(0));
  const auto folder = record::fake::write_fake_run(results.path(), fake);
  std::size_t blocks = 0;
  for (auto _ : state) {
    const auto run = record::read_run(folder);
    if (!run) return state.SkipWithError(run.error().message.c_str());
    blocks += run->blocks.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(blocks));
}
BENCHMARK(read_a_run)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
