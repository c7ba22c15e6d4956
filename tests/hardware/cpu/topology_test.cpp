#include "hardware/cpu/topology.hpp"

#include <set>
#include <thread>

#include "hardware/cpu/clock_resolution.hpp"
#include "hardware/cpu/kernel_files.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/cpu/made_up_machine.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

/// `packages` × `cores` × `threads`; siblings are numbered as Linux does on Intel: all first ones, then all second ones.
Topology machine(int packages, int cores, int threads) {
  Topology topology;
  for (int sibling = 0; sibling < threads; ++sibling) {
    for (int package = 0; package < packages; ++package) {
      for (int core = 0; core < cores; ++core) {
        const int id = static_cast<int>(topology.cpus.size());
        topology.cpus.push_back({.id = id, .core = package * cores + core, .package = package, .numa_node = package});
        topology.allowed.push_back(id);
      }
    }
  }
  return topology;
}

using Cpus = std::vector<int>;

}  // namespace

TEST_CASE("one thread avoids CPU 0 where there is a choice") {
  CHECK(choose_cpus(machine(1, 2, 1), 1) == Cpus{1});
  CHECK(choose_cpus(machine(1, 1, 1), 1) == Cpus{0});
  CHECK(choose_cpus(machine(1, 1, 2), 1) == Cpus{1});  // the sibling of CPU 0
}

TEST_CASE("threads take one physical core each, that of CPU 0 last, before any sibling") {
  const Topology laptop = machine(1, 4, 2);  // cores {0,4} {1,5} {2,6} {3,7}
  CHECK(choose_cpus(laptop, 3) == Cpus{1, 2, 3});
  CHECK(choose_cpus(laptop, 4) == Cpus{1, 2, 3, 4});
  CHECK(choose_cpus(laptop, 6) == Cpus{1, 2, 3, 4, 5, 6});
  CHECK(choose_cpus(laptop, 8) == Cpus{1, 2, 3, 4, 5, 6, 7, 0});
}

TEST_CASE("more threads than allowed CPUs get every allowed CPU once, none gets none") {
  CHECK(choose_cpus(machine(1, 2, 1), 5) == Cpus{1, 0});
  CHECK(choose_cpus(machine(1, 2, 1), 0).empty());
  CHECK(choose_cpus(machine(1, 2, 1), -1).empty());
}

TEST_CASE("threads stay in one package while it has cores, in the one without CPU 0 first") {
  const Topology server = machine(2, 3, 1);  // packages {0,1,2} {3,4,5}
  CHECK(choose_cpus(server, 3) == Cpus{3, 4, 5});
  CHECK(choose_cpus(server, 5) == Cpus{3, 4, 5, 1, 2});
  CHECK(choose_cpus(server, 6) == Cpus{3, 4, 5, 1, 2, 0});
}

TEST_CASE("performance cores come before efficiency cores, even that of CPU 0") {
  Topology hybrid = machine(1, 4, 1);
  hybrid.cpus[0].kind = hybrid.cpus[1].kind = CoreKind::performance;
  hybrid.cpus[2].kind = hybrid.cpus[3].kind = CoreKind::efficiency;
  CHECK(choose_cpus(hybrid, 1) == Cpus{1});
  CHECK(choose_cpus(hybrid, 4) == Cpus{1, 0, 2, 3});
}

TEST_CASE("only allowed CPUs are chosen") {
  Topology container = machine(1, 4, 2);
  container.allowed = {0, 2, 6};
  CHECK(choose_cpus(container, 1) == Cpus{2});
  CHECK(choose_cpus(container, 8) == Cpus{2, 0, 6});
}

TEST_CASE("this machine's topology agrees with itself and with the kernel") {
  const auto topology = read_topology();
  REQUIRE(topology);
  CHECK(topology->cpus.size() >= std::size_t{1});
  CHECK(topology->cores >= 1);
  CHECK(topology->packages >= 1);
  CHECK(topology->numa_nodes >= 1);
  CHECK(topology->memory_bytes > 64 * 1024 * 1024);
  CHECK(std::cmp_less_equal(topology->cores, topology->cpus.size()));
  CHECK(topology->allowed.size() == std::thread::hardware_concurrency());
  for (const int cpu : topology->allowed) {
    REQUIRE(topology->find(cpu) != nullptr);
    const auto siblings = topology->siblings_of(cpu);
    CHECK(std::find(siblings.begin(), siblings.end(), cpu) != siblings.end());
  }
  const auto chosen = choose_cpus(*topology, static_cast<int>(topology->allowed.size()));
  CHECK(std::set<int>(chosen.begin(), chosen.end()) ==
        std::set<int>(topology->allowed.begin(), topology->allowed.end()));
}

TEST_CASE("hwloc and sysfs see the same machine") {
  const auto by_hwloc = read_topology();
  const auto by_sysfs = topology_from_sysfs("/");
  REQUIRE(by_hwloc);
  if (!by_sysfs) {
    WARN("not checked here: /sys/devices/system/cpu is not there");
    return;
  }
  REQUIRE(by_hwloc->cpus.size() == by_sysfs->cpus.size());
  CHECK(by_hwloc->cores == by_sysfs->cores);
  CHECK(by_hwloc->packages == by_sysfs->packages);
  CHECK(by_hwloc->numa_nodes == by_sysfs->numa_nodes);
  for (const LogicalCpu& cpu : by_sysfs->cpus) CHECK(by_hwloc->siblings_of(cpu.id) == by_sysfs->siblings_of(cpu.id));
  const auto sizes = [](const Topology& t) {
    std::multiset<std::tuple<int, std::string, std::int64_t>> all;
    for (const Cache& cache : t.caches) all.insert({cache.level, cache.type, cache.bytes});
    return all;
  };
  CHECK(sizes(*by_hwloc) == sizes(*by_sysfs));
}

TEST_CASE("reading the topology leaves the environment as it was") {
  ::setenv("HWLOC_PLUGINS_PATH", "/mine", 1);
  REQUIRE(read_topology());
  CHECK(std::string(::getenv("HWLOC_PLUGINS_PATH")) == "/mine");
  ::unsetenv("HWLOC_PLUGINS_PATH");
  REQUIRE(read_topology());
  CHECK(::getenv("HWLOC_PLUGINS_PATH") == nullptr);
}

TEST_CASE("hwloc on a machine of one core, and on one whose only usable CPUs are siblings") {
  const auto [description, allowed, chosen] = GENERATE(table<const char*, Cpus, Cpus>({
      {"pack:1 core:1 pu:1", {0}, {0}},
      {"pack:1 core:1 pu:2", {0, 1}, {1, 0}},
      {"pack:1 core:2 pu:2", {2, 3}, {2, 3}},  // a cpuset that leaves one core
      {"pack:2 core:2 pu:1", {3}, {3}},
  }));
  CAPTURE(description);
  ::setenv("HWLOC_SYNTHETIC", description, 1);
  auto topology = read_topology();
  ::unsetenv("HWLOC_SYNTHETIC");
  REQUIRE(topology);
  if (!topology->source.starts_with("hwloc")) {
    WARN("not checked here: built without hwloc");
    return;
  }
  topology->allowed = allowed;
  CHECK(choose_cpus(*topology, 8) == chosen);
}

TEST_CASE("hwloc leaves out CPUs that are offline") {
  const test::MadeUpMachine files;
  const std::string cpus = "sys/devices/system/cpu/";
  files.write(cpus + "possible", "0-3");
  files.write(cpus + "present", "0-3");
  files.write(cpus + "online", "0,2");
  files.write(cpus + "offline", "1,3");
  for (const auto& [cpu, mask] : {std::pair{"0", "1"}, {"2", "4"}}) {
    const std::string folder = cpus + "cpu" + cpu + "/topology/";
    files.write(folder + "core_cpus", mask);
    files.write(folder + "thread_siblings", mask);
    files.write(folder + "package_cpus", "5");
    files.write(folder + "core_siblings", "5");
    files.write(folder + "core_id", cpu);
    files.write(folder + "physical_package_id", "0");
  }
  for (const char* cpu : {"1", "3"}) files.write(cpus + "cpu" + cpu + "/online", "0");
  ::setenv("HWLOC_FSROOT", files.root().c_str(), 1);
  auto topology = read_topology();
  ::unsetenv("HWLOC_FSROOT");
  REQUIRE(topology);
  if (!topology->source.starts_with("hwloc")) {
    WARN("not checked here: built without hwloc");
    return;
  }
  CHECK(topology->cores == 2);
  topology->allowed = {0, 1, 2, 3};
  CHECK(choose_cpus(*topology, 4) == Cpus{2, 0});
}

TEST_CASE("sysfs of a hybrid machine: siblings, kinds, nodes, caches, identity") {
  const test::MadeUpMachine files;
  files.write("sys/devices/system/cpu/online", "0-3");
  const char* siblings[] = {"0-1", "0-1", "2", "3"};
  for (int cpu = 0; cpu < 4; ++cpu) {
    const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/";
    files.write(folder + "topology/core_cpus_list", siblings[cpu]);
    files.write(folder + "topology/physical_package_id", "0");
    files.write(folder + "cache/index0/level", "1");
    files.write(folder + "cache/index0/type", "Data");
    files.write(folder + "cache/index0/size", "48K");
    files.write(folder + "cache/index0/shared_cpu_list", siblings[cpu]);
    files.write(folder + "cache/index1/level", "3");
    files.write(folder + "cache/index1/type", "Unified");
    files.write(folder + "cache/index1/size", "12M");
    files.write(folder + "cache/index1/shared_cpu_list", "0-3");
  }
  files.write("sys/devices/cpu_core/cpus", "0-1");
  files.write("sys/devices/cpu_atom/cpus", "2-3");
  files.write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB");
  files.write("proc/cpuinfo",
              "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 154\n"
              "model name\t: Some Core\nstepping\t: 3\nmicrocode\t: 0x42\nflags\t\t: fpu sse2 avx2 fma");
  const auto topology = topology_from_sysfs(files.root());
  REQUIRE(topology);
  CHECK(topology->cores == 3);
  CHECK(topology->packages == 1);
  CHECK(topology->numa_nodes == 1);
  CHECK(topology->siblings_of(1) == Cpus{0, 1});
  CHECK(topology->find(0)->kind == CoreKind::performance);
  CHECK(topology->find(3)->kind == CoreKind::efficiency);
  REQUIRE(topology->caches.size() == 4);
  CHECK(topology->caches[0].bytes == 48 * 1024);
  CHECK(topology->caches[0].shared_by == Cpus{0, 1});
  CHECK(topology->caches[3].bytes == 12 * 1024 * 1024);
  CHECK(topology->memory_bytes == 16384000000);
  CHECK(topology->identity.model == "Some Core");
  CHECK(topology->identity.model_number == "154");
  CHECK(topology->identity.microcode == "0x42");
  CHECK(topology->identity.has("avx2"));
  CHECK_FALSE(topology->identity.has("avx512f"));
  CHECK_FALSE(topology->identity.has("fpu"));  // of no interest

  const Json json = to_json(*topology);
  CHECK(json["cores_by_kind"] == Json{{"performance", 1}, {"efficiency", 2}});
  CHECK(json["threads_per_core"] == 2);
  CHECK(json["caches"][0] ==
        Json{{"level", 1}, {"type", "data"}, {"bytes", 49152}, {"shared_by", 1}, {"count", 2}});
}

TEST_CASE("a machine without a list of CPUs is an error that names the file") {
  const test::MadeUpMachine nothing;
  const auto topology = topology_from_sysfs(nothing.root());
  REQUIRE_FALSE(topology);
  CHECK_THAT(topology.error().message, Catch::Matchers::ContainsSubstring("sys/devices/system/cpu/online"));
}

TEST_CASE("lists of CPUs and sizes are read as the kernel writes them, and nonsense is left out") {
  CHECK(parse_cpu_list("0-3,8") == Cpus{0, 1, 2, 3, 8});
  CHECK(parse_cpu_list("5") == Cpus{5});
  CHECK(parse_cpu_list("").empty());
  CHECK(parse_cpu_list("x,3-,2,-1,1-1,9-7") == Cpus{1, 2});
  CHECK(parse_cpu_list("0-99999999999").empty());
  CHECK(parse_size("48K") == 49152);
  CHECK(parse_size("2M") == 2097152);
  CHECK(parse_size("512") == 512);
  CHECK_FALSE(parse_size("big"));
  CHECK_FALSE(parse_size("K"));
}

TEST_CASE("the clock ticks, and its tick and cost are above 0") {
  const ClockResolution clock = measure_clock();
  CHECK(clock.reported_s > 0);
  CHECK(clock.tick_s >= clock.reported_s);
  CHECK(clock.cost_s > 0);
  CHECK(to_json(clock)["tick_s"] == clock.tick_s);
}
