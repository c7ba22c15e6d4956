#include "hardware/cpu/environment.hpp"

#include "tests/catch.hpp"
#include "tests/hardware/cpu/made_up_machine.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

constexpr const char* kFacts[] = {
    "kernel",           "architecture",      "boot_id",           "hypervisor",       "wsl2",
    "container",        "system_vendor",     "system_product",    "governor",         "frequency_min_hz",
    "frequency_max_hz", "frequency_now_hz",  "frequency_hardware_max_hz", "turbo",     "power_source",
    "power_profile",    "battery_ratio",     "thermal_throttle_count", "cpus_offline", "cpus_isolated",
    "cpus_without_tick", "smt",              "smt_control",       "clock_source",     "clock_sources",
    "timer_hz",         "timer_slack_s",     "environment_bytes", "stack_limit_bytes", "aslr",
    "overcommit_memory", "transparent_huge_pages", "counting_units", "perf_event_paranoid", "memory_available_bytes",
    "swap_bytes",       "swap_used_bytes",   "load_average",      "steal_ratio",      "cgroup_version",
    "cgroup_cpus",      "cgroup_memory_bytes", "cgroup_throttled_ratio", "cgroup_throttled_s"};

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
  for (const std::string name : kFacts) {
    if (name == "kernel" || name == "architecture" || name == "hypervisor" || name == "wsl2" || name == "container") continue;
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

TEST_CASE("a control group that was held back says for how long, by the group that was held longest") {
  const test::MadeUpMachine two, one;
  two.write("proc/self/cgroup", "0::/box/inner");
  two.write("sys/fs/cgroup/cgroup.controllers", "cpu");
  two.write("sys/fs/cgroup/box/cpu.stat", "usage_usec 5\nnr_periods 200\nnr_throttled 50\nthrottled_usec 1500000");
  two.write("sys/fs/cgroup/box/inner/cpu.stat", "usage_usec 5\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0");
  CHECK(read_environment(two.root())["cgroup_throttled_ratio"] == 0.25);
  CHECK(read_environment(two.root())["cgroup_throttled_s"] == 1.5);
  one.write("proc/self/cgroup", "2:cpu,cpuacct:/box");
  one.write("sys/fs/cgroup/cpu/box/cpu.stat", "nr_periods 10\nnr_throttled 1\nthrottled_time 2000000000");
  CHECK(read_environment(one.root())["cgroup_throttled_ratio"] == 0.1);
  CHECK(read_environment(one.root())["cgroup_throttled_s"] == 2);
}

TEST_CASE("a laptop says what feeds it, how full it is and how fast it runs; its mouse's battery is none of its own") {
  const test::MadeUpMachine files;
  files.write("sys/class/power_supply/AC/type", "Mains");
  files.write("sys/class/power_supply/AC/online", "0");
  files.write("sys/class/power_supply/BAT0/type", "Battery");
  files.write("sys/class/power_supply/BAT0/status", "Discharging");
  files.write("sys/class/power_supply/BAT0/capacity", "63");
  files.write("sys/class/power_supply/mouse/type", "Battery");
  files.write("sys/class/power_supply/mouse/scope", "Device");
  files.write("sys/class/power_supply/mouse/status", "Discharging");
  files.write("sys/firmware/acpi/platform_profile", "low-power");
  files.write("sys/devices/system/cpu/online", "0-1");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "4700000");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "900000");
  files.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2100000");
  files.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "3");
  files.write("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "4");
  Json facts = read_environment(files.root());
  CHECK(facts["power_source"] == "battery");
  CHECK(facts["battery_ratio"] == 0.63);
  CHECK(facts["power_profile"] == "low-power");
  CHECK(facts["frequency_hardware_max_hz"] == 4.7e9);
  CHECK(facts["frequency_now_hz"] == 2.1e9);
  CHECK(facts["thermal_throttle_count"] == 7);
  files.write("sys/class/power_supply/BAT0/status", "Not charging");
  CHECK(read_environment(files.root())["power_source"] == "mains");
}

TEST_CASE("CPUs that are offline, isolated or without a tick are lists, and what isn't plugged in is not offline") {
  const test::MadeUpMachine files;
  files.write("sys/devices/system/cpu/present", "0-7");
  files.write("sys/devices/system/cpu/offline", "6-7,8-127");
  files.write("sys/devices/system/cpu/isolated", "");
  files.write("sys/devices/system/cpu/nohz_full", "(null)");
  files.write("sys/devices/system/cpu/smt/control", "off");
  const Json facts = read_environment(files.root());
  CHECK(facts["cpus_offline"] == Json({6, 7}));
  CHECK(facts["cpus_isolated"] == Json::array());
  CHECK(facts["cpus_without_tick"] == Json::array());
  CHECK(facts["smt_control"] == "off");
}

TEST_CASE("clock sources, timer, stack, environment and counting units are read; a WSL2 kernel is known by its name") {
  const test::MadeUpMachine files;
  files.write("proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2");
  files.write("boot/config-5.15.90.1-microsoft-standard-WSL2", "# CONFIG_HZ_1000 is not set\nCONFIG_HZ=250");
  files.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hyperv_clocksource_tsc_page");
  files.write("sys/devices/system/clocksource/clocksource0/available_clocksource", "hyperv_clocksource_tsc_page acpi_pm");
  files.write("proc/self/timerslack_ns", "50000");
  files.write("proc/self/limits", "Limit  Soft Limit  Hard Limit  Units\nMax stack size            8388608              unlimited            bytes");
  files.write("proc/self/environ", std::string("A=1\0BC=23\0", 11));
  files.write("proc/sys/vm/overcommit_memory", "2");
  Json facts = read_environment(files.root());
  CHECK(facts["wsl2"] == true);
  CHECK(facts["timer_hz"] == 250);
  CHECK(facts["clock_sources"] == Json({"hyperv_clocksource_tsc_page", "acpi_pm"}));
  CHECK(facts["timer_slack_s"] == Approx(50e-6));
  CHECK(facts["stack_limit_bytes"] == 8'388'608);
  CHECK(facts["environment_bytes"] == 11);
  CHECK(facts["overcommit_memory"] == 2);
  CHECK(is_unavailable(facts["counting_units"]));
  files.write("sys/bus/event_source/devices/cpu_core/type", "4");
  files.write("sys/bus/event_source/devices/software/type", "1");
  files.write("proc/self/limits", "Max stack size            unlimited            unlimited            bytes");
  facts = read_environment(files.root());
  CHECK(facts["counting_units"] == Json({"cpu_core"}));
  CHECK(facts["stack_limit_bytes"] == "unlimited");
}
