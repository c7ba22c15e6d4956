#include "hardware/cpu/environment.hpp"

#include "tests/catch.hpp"
#include "tests/hardware/cpu/made_up_machine.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

constexpr const char* kFacts[] = {
    "kernel",           "architecture",    "boot_id",         "clock_source",   "hypervisor",
    "wsl2",             "container",       "system_vendor",   "system_product", "governor",
    "frequency_min_hz", "frequency_max_hz", "turbo",          "smt",            "transparent_huge_pages",
    "aslr",             "perf_event_paranoid", "swap_bytes",  "swap_used_bytes", "load_average",
    "steal_ratio",      "cgroup_version",  "cgroup_cpus",     "cgroup_memory_bytes"};

}  // namespace

TEST_CASE("every fact of this machine is a value or a reason, and no other fact is told") {
  const Json facts = read_environment();
  CHECK(facts.size() == std::size(kFacts));
  for (const char* name : kFacts) {
    CAPTURE(name);
    REQUIRE(facts.contains(name));
    CHECK_FALSE(facts[name].is_null());
    if (is_unavailable(facts[name])) CHECK_FALSE(facts[name]["reason"].get<std::string>().empty());
  }
}

TEST_CASE("an empty machine has a reason for everything that is read from a file") {
  const test::MadeUpMachine files;
  const Json facts = read_environment(files.root());
  CHECK(facts.size() == std::size(kFacts));
  for (const char* name : {"boot_id", "clock_source", "governor", "frequency_max_hz", "turbo", "smt", "aslr",
                           "transparent_huge_pages", "perf_event_paranoid", "swap_bytes", "load_average", "steal_ratio",
                           "cgroup_version", "cgroup_cpus", "cgroup_memory_bytes", "system_vendor"}) {
    CAPTURE(name);
    CHECK(is_unavailable(facts[name]));
  }
  CHECK(facts["container"] == "none");
}

TEST_CASE("frequency, turbo, huge pages, swap, load and steal are read in SI units") {
  const test::MadeUpMachine files;
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq", "800000");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "4700000");
  files.write("sys/devices/system/cpu/intel_pstate/no_turbo", "0");
  files.write("sys/devices/system/cpu/smt/active", "1");
  files.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
  files.write("proc/meminfo", "MemTotal: 100 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB");
  files.write("proc/loadavg", "1.25 0.50 0.10 2/345 678");
  files.write("proc/stat", "cpu  50 0 20 20 0 0 0 10 0 0\ncpu0 1 2 3 4 5 6 7 8");
  files.write(".dockerenv", "");
  const Json facts = read_environment(files.root());
  CHECK(facts["governor"] == "powersave");
  CHECK(facts["frequency_min_hz"] == 8e8);
  CHECK(facts["frequency_max_hz"] == 4.7e9);
  CHECK(facts["turbo"] == true);
  CHECK(facts["smt"] == true);
  CHECK(facts["transparent_huge_pages"] == "madvise");
  CHECK(facts["swap_bytes"] == 2048 * 1024);
  CHECK(facts["swap_used_bytes"] == 1024 * 1024);
  CHECK(facts["load_average"] == 1.25);
  CHECK(facts["steal_ratio"] == 0.1);
  CHECK(facts["container"] == "docker");
}

TEST_CASE("a version 2 control group is bound by the smallest limit above it, and its path isn't told") {
  const test::MadeUpMachine files;
  files.write("proc/self/cgroup", "0::/user.slice/user-1000.slice");
  files.write("sys/fs/cgroup/cgroup.controllers", "cpu memory");
  files.write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000");
  files.write("sys/fs/cgroup/user.slice/user-1000.slice/cpu.max", "max 100000");
  files.write("sys/fs/cgroup/user.slice/memory.max", "max");
  files.write("sys/fs/cgroup/user.slice/user-1000.slice/memory.max", "4000000000");
  const Json facts = read_environment(files.root());
  CHECK(facts["cgroup_version"] == 2);
  CHECK(facts["cgroup_cpus"] == 1.5);
  CHECK(facts["cgroup_memory_bytes"] == 4e9);
  CHECK(facts.dump().find("user-1000") == std::string::npos);
}

TEST_CASE("a version 1 control group without limits says none") {
  const test::MadeUpMachine files;
  files.write("proc/self/cgroup", "4:memory:/\n2:cpu,cpuacct:/box\n0::/");
  files.write("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000");
  files.write("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000");
  files.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  const Json facts = read_environment(files.root());
  CHECK(facts["cgroup_version"] == 1);
  CHECK(facts["cgroup_cpus"] == 0.5);
  CHECK(facts["cgroup_memory_bytes"] == "none");
}
