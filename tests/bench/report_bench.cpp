// What a person waits for after a run: reading the record, and the statistics of everything in it. `project` is the
// statistics alone: 100,000 blocks are to take less than a second.
#include <benchmark/benchmark.h>

#include <cmath>

#include "harness/record/run_record.hpp"
#include "reports/report.hpp"
#include "tests/harness/record/fake_run.hpp"
#include "tests/harness/stats/draws.hpp"

namespace {

using namespace assay;

/// `treatments` × 2 blocks a quad and those of the control copy, over 50 rounds: some 100,000 blocks.
record::RunRecord run_of(const std::filesystem::path& folder, int treatments, int quads) {
  record::fake::FakeRun fake;
  fake.rounds = 50;
  fake.quads = quads;
  fake.treatments.clear();
  for (int t = 0; t < treatments; ++t) {
    fake.treatments.push_back(record::fake::treatment({{"version", Level(static_cast<std::int64_t>(t))}}));
  }
  stats::tests::Draws draws(585);
  fake.seconds = [&draws](const record::fake::Place&) { return std::exp(0.03 * draws.normal()); };
  auto run = record::read_run(record::fake::write_fake_run(folder, fake));
  if (!run) throw std::runtime_error(run.error().message);
  return *std::move(run);
}

void project_a_run(benchmark::State& state) {
  record::fake::TemporaryFolder results;
  const auto run = run_of(results.path(), static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    const auto report = reports::project(run);
    if (!report) return state.SkipWithError(report.error().message.c_str());
    benchmark::DoNotOptimize(report->cells.size());
  }
  state.counters["blocks"] = static_cast<double>(run.blocks.size());
}
BENCHMARK(project_a_run)->Args({2, 334})->Args({10, 91})->Args({40, 24})->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
