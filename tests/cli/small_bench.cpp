// A Google Benchmark executable as users have them, for the tests of compare --google-benchmark.
#include <benchmark/benchmark.h>

#include <cstdlib>

static void loop(benchmark::State& state) {
  for (auto _ : state) {
    for (long i = 0; i < state.range(0); ++i) benchmark::DoNotOptimize(i);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(loop)->Arg(1000)->Arg(4000);

static void other_loop(benchmark::State& state) { loop(state); }
BENCHMARK(other_loop)->Arg(1000);

static void broken(benchmark::State& state) {
  state.SkipWithError("its data set is not there");
  for (auto _ : state) {
  }
}
BENCHMARK(broken);

static void ends(benchmark::State& state) {
  for (auto _ : state) std::abort();
}
BENCHMARK(ends);

BENCHMARK_MAIN();
