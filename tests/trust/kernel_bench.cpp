// The yardstick's arithmetic as Google Benchmark's users would measure it: for comparing harnesses on the same work.
//
//     trust_kernel_bench --calibrate 0.001                         prints the steps that take about 1 ms
//     trust_kernel_bench --steps 700000 --planted 1.02 --benchmark_filter=^B$ --benchmark_repetitions=10
//
// Benchmark A does `steps`, B `planted` times as many. All other words are Google Benchmark's.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/cpu/yardstick.hpp"

namespace {

using namespace assay::hardware;

void kernel(benchmark::State& state, std::int64_t steps) {
  for (auto _ : state) benchmark::DoNotOptimize(run_yardstick(kYardstickStart, steps));
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t steps = 0;
  double planted = 1;
  std::vector<char*> rest{argv[0]};
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--calibrate" && i + 1 < argc) {
      std::printf("%lld\n", static_cast<long long>(yardstick_steps_in(std::atof(argv[i + 1]))));
      return 0;
    }
    if (word == "--steps" && i + 1 < argc) {
      steps = std::atoll(argv[++i]);
    } else if (word == "--planted" && i + 1 < argc) {
      planted = std::atof(argv[++i]);
    } else {
      rest.push_back(argv[i]);
    }
  }
  if (steps < 1 || planted < 1) {
    std::fprintf(stderr, "usage: trust_kernel_bench --steps N [--planted RATIO] [--benchmark_…] | --calibrate SECONDS\n");
    return 2;
  }
  benchmark::RegisterBenchmark("A", kernel, steps);
  benchmark::RegisterBenchmark("B", kernel, planted_steps(steps, planted));
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
