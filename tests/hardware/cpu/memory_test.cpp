#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "hardware/cpu/machine_sheet.hpp"
#include "hardware/cpu/memory_kernels.hpp"
#include "hardware/cpu/memory_loop.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kGiB = 1024 * kMiB;

/// `cores` cores with their own L1 and L2, and one last-level cache.
Topology machine(int cores, std::int64_t l1, std::int64_t l2, std::int64_t l3) {
  Topology topology;
  topology.memory_bytes = 16 * kGiB;
  std::vector<int> all;
  for (int cpu = 0; cpu < cores; ++cpu) {
    topology.cpus.push_back({.id = cpu, .core = cpu});
    topology.caches.push_back({1, "data", l1, {cpu}});
    topology.caches.push_back({1, "instruction", l1, {cpu}});
    topology.caches.push_back({2, "unified", l2, {cpu}});
    all.push_back(cpu);
  }
  if (l3 > 0) topology.caches.push_back({3, "unified", l3, all});
  return topology;
}

const MemoryLevel& level(const std::vector<MemoryLevel>& levels, const std::string& name) {
  const auto found = std::find_if(levels.begin(), levels.end(), [&](const MemoryLevel& l) { return l.name == name; });
  REQUIRE(found != levels.end());
  return *found;
}

MemoryLevel of_bytes(std::int64_t bytes, std::string name = "l1") {
  return {.name = std::move(name), .capacity_bytes = 2 * bytes, .bytes_per_thread = bytes};
}

}  // namespace

TEST_CASE("a loop about a cache fits into it and not into the one before") {
  const Topology laptop = machine(4, 48 * kKiB, 1280 * kKiB, 12 * kMiB);
  for (const std::vector<int>& cpus : {std::vector<int>{0}, std::vector<int>{0, 1, 2, 3}}) {
    const auto threads = static_cast<std::int64_t>(cpus.size());
    const auto levels = memory_levels(laptop, cpus, 4 * kGiB);
    REQUIRE(levels.size() == 4);
    for (const MemoryLevel& l : levels) CHECK(l.reason.empty());
    CHECK(level(levels, "l1").capacity_bytes == threads * 48 * kKiB);
    CHECK(level(levels, "l1").bytes_per_thread <= 24 * kKiB);
    CHECK(level(levels, "l2").bytes_per_thread > 48 * kKiB);
    CHECK(level(levels, "l2").bytes_per_thread <= 640 * kKiB);
    CHECK(level(levels, "l3").capacity_bytes == 12 * kMiB);
    CHECK(level(levels, "l3").bytes_per_thread > 1280 * kKiB);
    CHECK(level(levels, "l3").bytes_per_thread * threads <= 6 * kMiB);
    CHECK(level(levels, "dram").bytes_per_thread * threads > 24 * kMiB);
    CHECK(level(levels, "dram").capacity_bytes == 16 * kGiB);
  }
}

TEST_CASE("a virtual machine that is told of 480 MiB of cache is measured on a little of it, and its memory on twice as much") {
  const auto levels = memory_levels(machine(2, 48 * kKiB, 2 * kMiB, 480 * kMiB), {0, 1}, 4 * kGiB);
  CHECK(level(levels, "l3").bytes_per_thread <= 16 * kMiB);
  CHECK(2 * level(levels, "dram").bytes_per_thread > 960 * kMiB);
}

TEST_CASE("a level that can't be told from its neighbour, or doesn't fit into memory, has a reason") {
  const auto small_l3 = memory_levels(machine(4, 64 * kKiB, 512 * kKiB, 2 * kMiB), {0, 1, 2, 3}, 4 * kGiB);
  CHECK_THAT(level(small_l3, "l3").reason, Catch::Matchers::ContainsSubstring("L3"));
  const auto little_memory = memory_levels(machine(2, 32 * kKiB, 512 * kKiB, 8 * kMiB), {0}, 100 * kMiB);
  CHECK_THAT(level(little_memory, "dram").reason, Catch::Matchers::ContainsSubstring("400 MiB"));
  CHECK_FALSE(make_memory_loop({.level = level(little_memory, "dram"), .cpus = {}}));
  Topology unknown;
  const auto only_memory = memory_levels(unknown, {}, 4 * kGiB);
  REQUIRE(only_memory.size() == 1);
  CHECK(only_memory.front().reason.empty());
  CHECK(only_memory.front().bytes_per_thread >= 250 * kMiB);
}

TEST_CASE("every instruction set's kernels do the whole of their arrays, and nothing behind them") {
  constexpr std::size_t n = 5 * kBlockDoubles;
  struct alignas(64) Arrays {
    double a[n + kBlockDoubles], b[n], c[n];
    std::uint64_t words[n];
  };
  const auto arrays = std::make_unique<Arrays>();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    arrays->b[i] = static_cast<double>(i);
    arrays->c[i] = static_cast<double>(2 * i + 1);
    arrays->words[i] = i * 0x9E3779B97F4A7C15;
    sum += arrays->words[i];
  }
  const auto all_are = [&](auto right) {
    for (std::size_t i = 0; i < n; ++i) {
      if (arrays->a[i] != right(i)) return false;
    }
    return std::all_of(arrays->a + n, arrays->a + n + kBlockDoubles, [](double x) { return x == -1; });
  };
  const auto kernels = usable_memory_kernels();
  REQUIRE_FALSE(kernels.empty());
  for (const MemoryKernels& k : kernels) {
    CAPTURE(k.isa);
    CHECK(k.read(arrays->words, n) == sum);
    for (const bool past_caches : {false, true}) {
      const auto fresh = [&] { std::fill_n(arrays->a, n + kBlockDoubles, -1.0); };
      fresh();
      (past_caches ? k.stream_write : k.write)(arrays->a, n, 5);
      CHECK(all_are([](std::size_t) { return 5.0; }));
      fresh();
      (past_caches ? k.stream_copy : k.copy)(arrays->a, arrays->b, n);
      CHECK(all_are([](std::size_t i) { return static_cast<double>(i); }));
      fresh();
      (past_caches ? k.stream_triad : k.triad)(arrays->a, arrays->b, arrays->c, n);
      CHECK(all_are([](std::size_t i) { return static_cast<double>(i + 3 * (2 * i + 1)); }));
    }
  }
}

TEST_CASE("a bandwidth loop's result is right after any number of iterations, and only after them") {
  const auto pattern = GENERATE(MemoryPattern::read, MemoryPattern::write, MemoryPattern::copy, MemoryPattern::triad);
  const auto bytes = GENERATE(24 * kKiB, 5 * kMiB);  // within an iteration; four of them
  const int threads = GENERATE(1, 3);
  CAPTURE(name_of(pattern), bytes, threads);
  auto loop = make_memory_loop({pattern, of_bytes(bytes, bytes > kMiB ? "dram" : "l1"), threads, {}});
  REQUIRE(loop);
  CHECK(std::isinf((*loop)->max_error()));
  for (const int iterations : {1, 2, 7, 1, 20}) {
    (*loop)->poison();
    CHECK(std::isinf((*loop)->max_error()));
    (*loop)->run(iterations);
    REQUIRE((*loop)->max_error() == 0);
  }
  const double arrays = pattern == MemoryPattern::triad ? 3 : pattern == MemoryPattern::copy ? 2 : 1;
  const double elements = (*loop)->bytes_per_iteration() / 8 / arrays;
  CHECK((*loop)->bytes_per_iteration() <= threads * 1.0 * kMiB);
  CHECK((*loop)->bytes_per_iteration() > threads * 20.0 * kKiB);
  CHECK((*loop)->flop_per_iteration() == (pattern == MemoryPattern::triad ? 2 * elements : 0));
}

TEST_CASE("a walk through memory ends where its length says, over several runs") {
  auto loop = make_memory_loop({MemoryPattern::latency, of_bytes(64 * kKiB), 1, {}});
  REQUIRE(loop);
  for (const std::int64_t steps : {1, 2, 3, 1000, 1023, 1024, 1'000'001}) {
    (*loop)->poison();
    CHECK(std::isinf((*loop)->max_error()));
    (*loop)->run(steps);
    REQUIRE((*loop)->max_error() == 0);
  }
  CHECK_FALSE(make_memory_loop({MemoryPattern::latency, of_bytes(64 * kKiB), 2, {}}));
}

TEST_CASE("a machine sheet that is stopped says of every ceiling that it was interrupted, and names each once") {
  const MachineSheet sheet = measure_machine_sheet(machine(2, 48 * kKiB, 2 * kMiB, 32 * kMiB), {0, 1}, [] { return true; });
  // One and two threads: f64, f32, and four levels × four patterns; latency of one thread.
  CHECK(sheet.ceilings.size() == 2 * (2 + 4 * 4) + 4);
  for (const Ceiling& c : sheet.ceilings) CHECK(c.reason == "interrupted");
  const Json json = to_json(sheet);
  CHECK(json["levels"].size() == 8);
  CHECK(json["ceilings"][0] == Json{{"loop", "fma"}, {"threads", 1}, {"precision", "f64"}, {"reason", "interrupted"}});
}

TEST_CASE("a ceiling is the median of slices that lie around it") {
  // One CPU and no cache that anybody knows of: floating point and memory only.
  Topology topology;
  topology.memory_bytes = 16 * kGiB;
  int asked = 0;
  const MachineSheet sheet = measure_machine_sheet(topology, {0}, [&] { return ++asked > 4; });
  REQUIRE(sheet.ceilings.size() == 2 + 5);
  for (const char* loop : {"fma", "read"}) {
    const auto found = std::find_if(sheet.ceilings.begin(), sheet.ceilings.end(), [&](const Ceiling& c) { return c.loop == loop; });
    CAPTURE(loop, found->reason);
    CHECK(found->slices == 3);
    CHECK(found->low > 0);
    CHECK(found->low <= found->value);
    CHECK(found->value <= found->high);
  }
  CHECK(sheet.ceilings.back().reason == "interrupted");
}
