// The doctor's judgement on machines that nobody has.
#include "cli/examination.hpp"

#include <algorithm>
#include <fstream>

#include "hardware/cpu/environment.hpp"
#include "harness/core/units.hpp"
#include "reports/numbers.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/cpu/made_up_machine.hpp"

using namespace assay;
using namespace assay::cli;
using Catch::Matchers::ContainsSubstring;
using test::MadeUpMachine;

namespace {

/// What the doctor would have read there, on bare metal unless the test says otherwise, with nothing measured.
Observations seen_on(const MadeUpMachine& files, const char* hypervisor = "none") {
  Observations seen;
  seen.facts["environment"] = hardware::read_environment(files.root());
  seen.facts["environment"]["hypervisor"] = hypervisor;  // that of the machine that runs the test
  seen.facts["clock"] = {{"tick_s", 20e-9}, {"cost_s", 20e-9}};
  if (auto topology = hardware::topology_from_sysfs(files.root())) seen.topology = *std::move(topology);
  seen.cpus = hardware::choose_cpus(seen.topology, 1000);
  return seen;
}

void add_cpus(const MadeUpMachine& files, int count, const std::string& online) {
  files.write("sys/devices/system/cpu/online", online);
  files.write("sys/devices/system/cpu/present", "0-" + std::to_string(count - 1));
  for (int cpu = 0; cpu < count; ++cpu) {
    const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    files.write(folder + "physical_package_id", "0");
    files.write(folder + "core_cpus_list", std::to_string(cpu));
  }
}

const Finding* find(const std::vector<Finding>& findings, std::string_view name) {
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.name == name; });
  return found == findings.end() ? nullptr : &*found;
}

/// The finding of that name; the test fails if there is none.
Finding finding_of(const Observations& seen, std::string_view name) {
  const std::vector<Finding> findings = examine(seen);
  const Finding* found = find(findings, name);
  INFO("finding " << name);
  REQUIRE(found);
  return *found;
}

hardware::CpuWatch quiet_watch() {
  hardware::CpuWatch watch;
  watch.detours = {.watched_s = 1, .count = 250, .lost_s = 0.001, .longest_s = 20e-6};
  watch.steal_ratio = 0;
  watch.timer_interrupts_per_s = 250;
  watch.other_interrupts_per_s = 3;
  watch.peak_flop_per_s = {99e9, 100e9, 101e9};
  return watch;
}

BlasKernels prescott() {
  BlasKernels blas;
  blas.version = "0.3.21";
  blas.chosen = "Prescott";
  blas.best = "SkylakeX";
  blas.gain = BlasKernels::Gain{4.62, 4.51, 4.73};
  return blas;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a machine without a single file has a finding for everything and warns of nothing but its CPUs") {
  const MadeUpMachine files;
  const std::vector<Finding> findings = examine(seen_on(files));
  for (const char* name : {"processor", "kinds of cores", "SMT", "usable CPUs", "CPU quota", "clock rate", "power", "heat", "steal",
                           "other programs", "memory", "swap", "huge pages", "address layout", "environment size", "clock", "timer",
                           "thread pools", "hardware counters", "worker counters", "system"}) {
    CAPTURE(name);
    const Finding* f = find(findings, name);
    REQUIRE(f);
    CHECK_FALSE(f->value.empty());
    CHECK((f->status == Status::warning) == (f->name == "usable CPUs"));
  }
  CHECK(find(findings, "detours") == nullptr);  // not measured
  CHECK(examine({}).size() >= 15);              // nothing was seen at all
}

TEST_CASE("a laptop on battery with efficiency cores is told of each, with a remedy") {
  const MadeUpMachine files;
  add_cpus(files, 6, "0-5");
  files.write("sys/devices/cpu_core/cpus", "0-1");
  files.write("sys/devices/cpu_atom/cpus", "2-5");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "4700000");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "4700000");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1200000");
  files.write("sys/class/power_supply/BAT0/type", "Battery");
  files.write("sys/class/power_supply/BAT0/status", "Discharging");
  files.write("sys/class/power_supply/BAT0/capacity", "40");
  files.write("sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "5");
  Observations seen = seen_on(files);

  const Finding power = finding_of(seen, "power");
  CHECK(power.status == Status::warning);
  CHECK_THAT(power.value, ContainsSubstring("battery at 40 %"));
  CHECK_THAT(power.advice, ContainsSubstring("plug"));
  const Finding rate = finding_of(seen, "clock rate");
  CHECK(rate.status == Status::warning);
  CHECK_THAT(rate.value, ContainsSubstring("powersave, 1.2 of 4.7 GHz"));
  CHECK_THAT(rate.advice, ContainsSubstring("echo performance"));
  const Finding kinds = finding_of(seen, "kinds of cores");
  CHECK(kinds.status == Status::warning);
  CHECK_THAT(kinds.advice, ContainsSubstring("cpus = \"0-1\""));
  CHECK(finding_of(seen, "heat").status == Status::ok);  // it was hot once, not while the doctor looked

  seen.environment_after = seen.facts["environment"];
  seen.environment_after["thermal_throttle_count"] = 9;
  const Finding heat = finding_of(seen, "heat");
  CHECK(heat.status == Status::warning);
  CHECK_THAT(heat.value, ContainsSubstring("4 times while the doctor looked, 9 times since boot"));

  files.write("sys/class/power_supply/BAT0/status", "Charging");
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
  CHECK(finding_of(seen_on(files), "power").status == Status::ok);
  CHECK(finding_of(seen_on(files), "clock rate").status == Status::ok);
  files.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "2000000");
  CHECK_THAT(finding_of(seen_on(files), "clock rate").advice, ContainsSubstring("echo 4700000"));
}

TEST_CASE("a container's quota is a warning that says how many threads fit, and what it cost") {
  const MadeUpMachine files;
  add_cpus(files, 4, "0-3");
  files.write(".dockerenv", "");
  files.write("proc/self/cgroup", "0::/");
  files.write("sys/fs/cgroup/cgroup.controllers", "cpu");
  files.write("sys/fs/cgroup/cpu.max", "150000 100000");
  files.write("sys/fs/cgroup/cpu.stat", "nr_periods 100\nnr_throttled 12\nthrottled_usec 3000000");
  Observations seen = seen_on(files);
  seen.watch = quiet_watch();
  seen.environment_after = seen.facts["environment"];
  seen.environment_after["cgroup_throttled_s"] = 3.25;
  const Finding quota = finding_of(seen, "CPU quota");
  CHECK(quota.status == Status::warning);
  CHECK_THAT(quota.value, ContainsSubstring("docker container may use 1.5 CPUs") && ContainsSubstring("12 %"));
  CHECK_THAT(quota.advice, ContainsSubstring("threads ≤ 1"));
  CHECK(quota.loss() == Approx(0.25));
  CHECK_THAT(finding_of(seen, "system").value, ContainsSubstring("docker"));

  files.write("sys/fs/cgroup/cpu.max", "max 100000");
  CHECK(finding_of(seen_on(files), "CPU quota").status == Status::ok);
}

TEST_CASE("one CPU, whether the machine has no other or a cpuset leaves none, is a warning") {
  const MadeUpMachine one, four;
  add_cpus(one, 1, "0");
  CHECK(finding_of(seen_on(one, "kvm"), "usable CPUs").status == Status::warning);
  CHECK_THAT(finding_of(seen_on(one, "kvm"), "usable CPUs").advice, ContainsSubstring("second CPU"));
  add_cpus(four, 4, "0-3");
  Observations seen = seen_on(four);
  CHECK(finding_of(seen, "usable CPUs").status == Status::ok);
  seen.topology.allowed = {2};
  CHECK(finding_of(seen, "usable CPUs").status == Status::warning);
  CHECK_THAT(finding_of(seen, "usable CPUs").advice, ContainsSubstring("cpuset"));
  seen.topology.allowed = {1, 2};
  CHECK_THAT(finding_of(seen, "usable CPUs").value, ContainsSubstring("2 of 4"));
}

TEST_CASE("CPUs that are offline are named and are no CPUs to measure on") {
  const MadeUpMachine files;
  add_cpus(files, 4, "0-1");
  files.write("sys/devices/system/cpu/offline", "2-3");
  const Observations seen = seen_on(files);
  CHECK(finding_of(seen, "usable CPUs").status == Status::ok);
  CHECK_THAT(finding_of(seen, "usable CPUs").value, ContainsSubstring("all 2 online CPUs") && ContainsSubstring("offline: 2-3"));
  CHECK(seen.cpus == std::vector<int>{1, 0});
}

TEST_CASE("SMT siblings that stay idle are named; two CPUs of the only core are a warning") {
  const MadeUpMachine files;
  add_cpus(files, 4, "0-3");
  for (const char* cpu : {"0", "1", "2", "3"}) {
    files.write(std::string("sys/devices/system/cpu/cpu") + cpu + "/topology/core_cpus_list", *cpu == '0' || *cpu == '2' ? "0,2" : "1,3");
  }
  Observations seen = seen_on(files);
  const Finding smt = finding_of(seen, "SMT");
  CHECK(smt.status == Status::ok);
  CHECK_THAT(smt.value, ContainsSubstring("used first: 1-2") && ContainsSubstring("siblings 0,3"));
  CHECK_THAT(smt.advice, ContainsSubstring("echo off"));
  seen.topology.allowed = {1, 3};
  seen.cpus = {1, 3};
  CHECK(finding_of(seen, "SMT").status == Status::warning);
  CHECK_THAT(finding_of(seen, "SMT").advice, ContainsSubstring("cpu3/online"));
}

TEST_CASE("WSL2 is a warning, and its missing counters are its own") {
  const MadeUpMachine files;
  add_cpus(files, 8, "0-7");
  files.write("proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2");
  const Observations seen = seen_on(files, "hyperv");
  CHECK(finding_of(seen, "system").status == Status::warning);
  CHECK_THAT(finding_of(seen, "system").advice, ContainsSubstring("native Linux"));
  const Finding counters = finding_of(seen, "hardware counters");
  CHECK(counters.status == Status::unavailable);
  CHECK_THAT(counters.value, ContainsSubstring("WSL2"));
  CHECK_THAT(counters.advice, ContainsSubstring("native Linux"));
}

TEST_CASE("a guest is told of steal even where none is counted, and that its PMU is missing, with remedies") {
  const MadeUpMachine files;
  add_cpus(files, 2, "0-1");
  files.write("proc/stat", "cpu  50 0 20 29 0 0 0 1 0 0");
  Observations seen = seen_on(files, "kvm");
  seen.watch = quiet_watch();
  seen.watch->steal_ratio = 0.04;
  const Finding steal = finding_of(seen, "steal");
  CHECK(steal.status == Status::warning);
  CHECK_THAT(steal.value, ContainsSubstring("kvm guest") && ContainsSubstring("4.0 %") && ContainsSubstring("1.0 % of all since boot"));
  CHECK_FALSE(steal.advice.empty());
  CHECK(steal.loss() == 0.04);
  CHECK_THAT(finding_of(seen, "hardware counters").value, ContainsSubstring("no PMU"));
  CHECK_THAT(finding_of(seen, "hardware counters").advice, ContainsSubstring("simulate"));
  CHECK(finding_of(seen_on(files, "none"), "steal").status == Status::ok);

  files.write("sys/bus/event_source/devices/cpu/type", "4");
  CHECK(finding_of(seen_on(files), "hardware counters").status == Status::ok);
  files.write("proc/sys/kernel/perf_event_paranoid", "4");
  CHECK(finding_of(seen_on(files), "hardware counters").status == Status::warning);
  CHECK_THAT(finding_of(seen_on(files), "hardware counters").advice, ContainsSubstring("sysctl kernel.perf_event_paranoid=1"));
}

TEST_CASE("swap in use, a slow clock, fixed addresses, pages never huge and strict reservations each have a command") {
  const MadeUpMachine files;
  add_cpus(files, 2, "0-1");
  files.write("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 7000000 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB");
  files.write("proc/sys/kernel/randomize_va_space", "0");
  files.write("proc/sys/vm/overcommit_memory", "2");
  files.write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]");
  files.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
  files.write("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet");
  Observations seen = seen_on(files);
  seen.facts["clock"] = {{"tick_s", 70e-9}, {"cost_s", 900e-9}};
  seen.pages = hardware::PageCosts{.small_s = 50e-9, .huge_s = 25e-9, .granted = true};
  const std::pair<const char*, const char*> commands[] = {{"swap", "swapoff -a"},
                                                          {"address layout", "randomize_va_space=2"},
                                                          {"memory", "overcommit_memory=0"},
                                                          {"huge pages", "echo madvise"},
                                                          {"clock", "echo tsc"}};
  for (const auto& [name, command] : commands) {
    const Finding f = finding_of(seen, name);
    CAPTURE(name);
    CHECK(f.status == Status::warning);
    CHECK_THAT(f.advice, ContainsSubstring(command));
  }
  CHECK(finding_of(seen, "huge pages").loss() == 0.5);
  seen.pages->granted = false;
  CHECK(finding_of(seen, "huge pages").cost.empty());
}

TEST_CASE("other programs are named with how to end them, and a load that names nobody still counts") {
  const MadeUpMachine files;
  add_cpus(files, 2, "0-1");
  files.write("proc/loadavg", "0.10 0.10 0.10 1/100 5");
  Observations seen = seen_on(files);
  CHECK(finding_of(seen, "other programs").status == Status::ok);
  seen.busy = {{4711, "cc1plus", 0.98}, {4712, "node", 0.5}, {1, "systemd", 0.02}};
  const Finding other = finding_of(seen, "other programs");
  CHECK(other.status == Status::warning);
  CHECK_THAT(other.value, ContainsSubstring("cc1plus 98 %, node 50 %") && !ContainsSubstring("systemd"));
  CHECK_THAT(other.advice, ContainsSubstring("kill 4711 4712"));
  CHECK(other.loss() == Approx(0.75));
  files.write("proc/loadavg", "3.10 0.10 0.10 1/100 5");
  seen.busy.clear();
  seen.facts["environment"] = hardware::read_environment(files.root());
  CHECK(finding_of(seen, "other programs").status == Status::warning);
}

TEST_CASE("detours and an unsteady speed are warnings from a threshold on, and the advice fits the cause") {
  const MadeUpMachine files;
  add_cpus(files, 2, "0-1");
  Observations seen = seen_on(files);
  seen.watch = quiet_watch();
  CHECK(finding_of(seen, "detours").status == Status::ok);
  CHECK(finding_of(seen, "detours").loss() == Approx(0.001));
  CHECK(finding_of(seen, "steadiness").status == Status::ok);
  seen.watch->detours.lost_s = 0.2;
  seen.watch->peak_flop_per_s = {50e9, 100e9, 101e9};
  CHECK(finding_of(seen, "detours").status == Status::warning);
  CHECK_THAT(finding_of(seen, "detours").advice, ContainsSubstring("perf trace"));
  CHECK(finding_of(seen, "steadiness").status == Status::warning);
  CHECK(finding_of(seen, "steadiness").loss() == Approx(1 - 50.0 / 101));
  seen.watch->other_interrupts_per_s = 20'000;
  CHECK_THAT(finding_of(seen, "detours").advice, ContainsSubstring("irqbalance"));
  seen.busy = {{4711, "cc1plus", 0.98}};
  CHECK_THAT(finding_of(seen, "detours").advice, ContainsSubstring("other programs"));
  seen.busy.clear();
  seen.facts["environment"]["hypervisor"] = "kvm";
  CHECK_THAT(finding_of(seen, "detours").advice, ContainsSubstring("host"));
  seen.watch->detours.lost_s = 0.001;
  seen.watch->detours.longest_s = 0.03;  // rare, but longer than a block
  CHECK(finding_of(seen, "detours").status == Status::warning);
}

TEST_CASE("variables that make pools spin, or larger than the machine, are to be unset") {
  const MadeUpMachine files;
  add_cpus(files, 2, "0-1");
  Observations seen = seen_on(files);
  seen.pool_variables = {{"OMP_WAIT_POLICY", "passive"}, {"GOMP_SPINCOUNT", "0"}, {"OMP_NUM_THREADS", "2"}};
  CHECK(finding_of(seen, "thread pools").status == Status::ok);
  seen.pool_variables = {{"OMP_WAIT_POLICY", "Active"}, {"KMP_BLOCKTIME", "infinite"}, {"OPENBLAS_NUM_THREADS", "64"}, {"MKL_NUM_THREADS", "1"}};
  const Finding pools = finding_of(seen, "thread pools");
  CHECK(pools.status == Status::warning);
  CHECK(pools.advice == "unset KMP_BLOCKTIME OMP_WAIT_POLICY OPENBLAS_NUM_THREADS");
}

TEST_CASE("OpenBLAS's choice is worth a warning only where better kernels are clearly faster") {
  Observations seen;
  seen.blas = prescott();
  Finding blas = finding_of(seen, "BLAS kernels");
  CHECK(blas.status == Status::warning);
  CHECK_THAT(blas.value, ContainsSubstring("uses Prescott; SkylakeX is 4.6× [4.5, 4.7] as fast"));
  CHECK_THAT(blas.advice, ContainsSubstring("export OPENBLAS_CORETYPE=SkylakeX"));
  CHECK(blas.loss() == Approx(1 - 1 / 4.62));

  seen.blas->asked_for = "Prescott";
  CHECK_THAT(finding_of(seen, "BLAS kernels").value, ContainsSubstring("set by OPENBLAS_CORETYPE"));
  seen.blas->asked_for = "Pentium9";
  CHECK_THAT(finding_of(seen, "BLAS kernels").value, ContainsSubstring("it has no Pentium9"));

  seen.blas = prescott();
  seen.blas->gain = BlasKernels::Gain{1.2, 0.9, 1.6};  // it could be noise
  blas = finding_of(seen, "BLAS kernels");
  CHECK(blas.status == Status::ok);
  CHECK(blas.loss() == 0);

  seen.blas->gain.reset();
  seen.blas->unmeasured = "too few rounds were left undisturbed";
  blas = finding_of(seen, "BLAS kernels");
  CHECK(blas.status == Status::warning);
  CHECK_THAT(blas.value, ContainsSubstring("too few rounds"));

  seen.blas->chosen = "Bulldozer";
  seen.blas->failure = "crashed: killed by SIGILL";
  blas = finding_of(seen, "BLAS kernels");
  CHECK(blas.status == Status::warning);
  CHECK_THAT(blas.value, ContainsSubstring("Bulldozer: crashed: killed by SIGILL"));
  CHECK(blas.loss() == 1);

  seen.blas = BlasKernels{};
  seen.blas->missing = "libopenblas.so.0 is not installed";
  seen.blas->remedy = "sudo apt-get install libopenblas0-pthread";
  blas = finding_of(seen, "BLAS kernels");
  CHECK(blas.status == Status::unavailable);
  CHECK_THAT(blas.advice, ContainsSubstring("apt-get install"));
}

TEST_CASE("what costs most stands first, what can't be mended after what can, and what is fine last") {
  std::vector<Finding> findings{{.name = "fine", .status = Status::ok, .value = "v", .advice = "", .cost = {{"loss", 0.9}}, .brief = ""},
                                {.name = "hidden", .status = Status::unavailable, .value = "v", .advice = "", .cost = {}, .brief = ""},
                                {.name = "mendable", .status = Status::unavailable, .value = "v", .advice = "a", .cost = {}, .brief = ""},
                                {.name = "cheap", .status = Status::warning, .value = "v", .advice = "a", .cost = {{"loss", 0.1}}, .brief = ""},
                                {.name = "unmeasured", .status = Status::warning, .value = "v", .advice = "a", .cost = {}, .brief = ""},
                                {.name = "dear", .status = Status::warning, .value = "v", .advice = "a", .cost = {{"gain", 3}, {"loss", 0.7}}, .brief = ""}};
  sort_by_cost(findings);
  std::vector<std::string> names;
  for (const Finding& f : findings) names.push_back(f.name);
  CHECK(names == std::vector<std::string>{"dear", "cheap", "unmeasured", "mendable", "hidden", "fine"});

  const OrderedJson document = to_json(findings);
  CHECK(document[0]["cost"] == OrderedJson({{"gain", 3.0}, {"loss", 0.7}}));
  CHECK(document[4]["advice"].is_null());
  CHECK(document[4]["cost"].is_null());
  CHECK(document[4]["status"] == "unavailable");
}

TEST_CASE("twenty lines of a hundred columns hold the answer however much is wrong, and nothing is left unnamed") {
  for (int warnings = 0; warnings <= 40; ++warnings) {
    CAPTURE(warnings);
    std::vector<Finding> findings;
    for (int i = 0; i < warnings; ++i) {
      findings.push_back({.name = "w" + std::to_string(i), .status = Status::warning, .value = std::string(70, 'v'), .advice = "mend it with a word or more → so", .cost = {}, .brief = ""});
    }
    for (int i = 0; i < 60; ++i) findings.push_back({.name = "some thing " + std::to_string(i), .status = Status::ok, .value = "v", .advice = "", .cost = {}, .brief = ""});
    const std::string text = brief_text(findings, 100, false);
    const auto lines = lines_of(text);
    CHECK(lines.size() <= 20);
    for (const std::string& line : lines) CHECK(reports::display_width(line) <= 100);
    CHECK_THAT(lines.front(), warnings == 0 ? ContainsSubstring("nothing to mend") : ContainsSubstring(std::to_string(warnings) + " thing"));
    CHECK_THAT(text, ContainsSubstring("fine: some thing 0"));
    const bool all_named = warnings == 0 || text.find("w" + std::to_string(warnings - 1)) != std::string::npos;
    CHECK((all_named || text.find("also more than fits") != std::string::npos));
    CHECK(lines_of(full_text(findings, 100, false)).size() >= findings.size());
  }
}

TEST_CASE("what isn't there and can't be mended shares one entry") {
  const std::vector<Finding> findings{{.name = "heat", .status = Status::unavailable, .value = "no counts", .advice = "", .cost = {}, .brief = ""},
                                      {.name = "java", .status = Status::unavailable, .value = "not installed", .advice = "apt", .cost = {}, .brief = ""},
                                      {.name = "swap", .status = Status::unavailable, .value = "no file", .advice = "", .cost = {}, .brief = ""}};
  CHECK(lines_of(brief_text(findings, 100, false)) ==
        std::vector<std::string>{"This machine can be measured on: nothing to mend.", "- java              not installed → apt",
                                 "- not shown here    heat: no counts; swap: no file"});
}

TEST_CASE("a machine whose time goes elsewhere is called too disturbed, one with the wrong kernels is not") {
  Observations seen;
  seen.blas = prescott();
  seen.watch = quiet_watch();
  CHECK_THAT(lines_of(brief_text(examine(seen), 100, false)).front(), ContainsSubstring("can be measured on"));
  seen.watch->detours.lost_s = 0.4;
  CHECK_THAT(lines_of(brief_text(examine(seen), 100, false)).front(), ContainsSubstring("too disturbed"));
}

TEST_CASE("colour touches a finding's sign alone") {
  const std::vector<Finding> findings{{.name = "w", .status = Status::warning, .value = "v", .advice = "a", .cost = {}, .brief = ""}};
  CHECK(lines_of(brief_text(findings, 100, true)).back() == "\x1b[33m!\x1b[0m w                 v → a");
  CHECK(brief_text(findings, 100, false).find('\x1b') == std::string::npos);
}
