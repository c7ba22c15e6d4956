// What a person waits for after a run: reading the record, and the statistics of everything in it. `project` is the
// statistics alone: 100,000 blocks are to take less than a second. `check` reads and judges the folder: 100 MB are to take
// less than 5 s and 200 MB of memory.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>

#include "harness/record/run_record.hpp"
#include "reports/check/run_check.hpp"
#include "reports/report.hpp"
#include "reports/templates.hpp"
#include "tests/harness/record/fake_run.hpp"
#include "tests/harness/stats/draws.hpp"

namespace {

using namespace assay;

/// `treatments` × 2 blocks a quad and those of the control copy, over 50 rounds: some 100,000 blocks.
std::filesystem::path folder_of(const std::filesystem::path& results, int treatments, int quads) {
  record::fake::FakeRun fake;
  fake.experiment_text = "[experiment]\nname = \"fake\"\nbaseline = { version = 0 }\nseed = 585\n[worker]\ncommand = [\"fake\"]\n[factors]\nversion = [";
  for (int t = 0; t < treatments; ++t) fake.experiment_text += (t == 0 ? "" : ", ") + std::to_string(t);
  fake.experiment_text += "]\n";
  fake.rounds = 50;
  fake.quads = quads;
  fake.treatments.clear();
  for (int t = 0; t < treatments; ++t) {
    fake.treatments.push_back(record::fake::treatment({{"version", Level(static_cast<std::int64_t>(t))}}));
  }
  stats::tests::Draws draws(585);
  fake.seconds = [&draws](const record::fake::Place&) { return std::exp(0.03 * draws.normal()); };
  return record::fake::write_fake_run(results, fake);
}

record::RunRecord run_of(const std::filesystem::path& results, int treatments, int quads) {
  auto run = record::read_run(folder_of(results, treatments, quads));
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

void check_a_run(benchmark::State& state) {
  record::fake::TemporaryFolder results;
  const auto folder = folder_of(results.path(), static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const auto templates = reports::Templates::open(std::filesystem::path(ASSAY_TEST_SOURCE_DIR) / "templates");
  if (!templates) return state.SkipWithError(templates.error().message.c_str());
  for (auto _ : state) {
    const auto checked = reports::check::check_run(folder, *templates);
    if (!checked.report) return state.SkipWithError("the run can't be read");
    benchmark::DoNotOptimize(checked.findings.size());
  }
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  state.counters["journal_MB"] = static_cast<double>(std::filesystem::file_size(folder / "journal.jsonl")) / 1e6;
  state.counters["peak_MB"] = static_cast<double>(used.ru_maxrss) * 1024 / 1e6;
}
BENCHMARK(check_a_run)->Args({2, 1500})->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
