#include "hardware/cpu/detours.hpp"

#include <unistd.h>

#include <vector>

#include "hardware/cpu/busy_processes.hpp"
#include "hardware/cpu/cpu_counts.hpp"
#include "hardware/cpu/huge_pages.hpp"
#include "hardware/cpu/topology.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/cpu/made_up_machine.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

/// A clock that moves by 25 ns a reading, and by more where the script says so.
struct ScriptedClock {
  std::vector<std::pair<int, std::int64_t>> gaps;  // which reading, ns
  int reading = 0;
  std::int64_t now = 1'000'000;

  std::int64_t operator()() {
    now += 25;
    for (const auto& [at, gap] : gaps) now += at == reading ? gap - 25 : 0;
    ++reading;
    return now;
  }
};

}  // namespace

TEST_CASE("gaps of the threshold and above are detours, all else is the loop itself") {
  Detours detours;
  ScriptedClock clock{{{100, 4'999}, {200, 5'000}, {300, 4'000'000}}};
  look_for_detours([&] { return clock(); }, 10'000'000, detours);
  CHECK(detours.count == 2);
  CHECK(detours.lost_s == Approx(0.004005));
  CHECK(detours.longest_s == Approx(0.004));
  CHECK(detours.watched_s == Approx(0.01).epsilon(0.001));
  CHECK(detours.lost_ratio() == Approx(0.4005).epsilon(0.001));
  CHECK(detours.per_second() == Approx(200).epsilon(0.001));
}

TEST_CASE("several looks add up, and a gap at the end of one is not lost") {
  Detours detours;
  for (int look = 0; look < 3; ++look) {
    ScriptedClock clock{{{10, 1'000'000}}};
    look_for_detours([&] { return clock(); }, 500'000, detours);
  }
  CHECK(detours.count == 3);
  CHECK(detours.watched_s == Approx(0.003).epsilon(0.001));
  CHECK(detours.longest_s == Approx(0.001));
  CHECK(Detours{}.lost_ratio() == 0);
}

TEST_CASE("a watched CPU gives its slices in ascending order and nothing above the whole time") {
  const auto topology = read_topology();
  REQUIRE(topology);
  const int cpu = topology->allowed.front();
  const auto watch = watch_cpu(cpu, {.slices = 4, .slice_ns = 2'000'000, .peak_iterations = 5});
  REQUIRE(watch);
  CHECK(watch->cpu == cpu);
  CHECK(watch->detours.watched_s >= 0.008);
  CHECK(watch->detours.lost_ratio() <= 1);
  REQUIRE(watch->peak_flop_per_s.size() == 4);
  CHECK(std::is_sorted(watch->peak_flop_per_s.begin(), watch->peak_flop_per_s.end()));
  CHECK(watch->peak_flop_per_s.front() > 0);
  CHECK(watch->steadiness() > 0);
  CHECK(watch->steadiness() <= 1);
  CHECK(read_topology()->allowed == topology->allowed);  // the caller is bound to nothing
}

TEST_CASE("a CPU that this process may not use is an error that names it") {
  const auto watch = watch_cpu(100'000);
  REQUIRE_FALSE(watch);
  CHECK_THAT(watch.error().message, Catch::Matchers::ContainsSubstring("CPU 100000"));
}

TEST_CASE("the slices' quantiles are those of their ranks") {
  CpuWatch watch;
  CHECK(watch.steadiness() == 1);
  for (int i = 0; i <= 40; ++i) watch.peak_flop_per_s.push_back(100 + i);
  CHECK(watch.peak_quantile(0) == 100);
  CHECK(watch.peak_quantile(0.5) == 120);
  CHECK(watch.peak_quantile(1) == 140);
  CHECK(watch.steadiness() == Approx(104.0 / 136));
}

TEST_CASE("steal and interrupts are read from the CPU's own column, also where another CPU is offline") {
  const test::MadeUpMachine files;
  files.write("proc/stat", "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\ncpu2 10 0 20 30 0 0 0 40 0 0");
  files.write("proc/interrupts",
              "           CPU0       CPU2\n"
              " 36:          0       1000   PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n"
              "LOC:       5000       7000   Local timer interrupts\n"
              "ERR:          0");
  const CpuCounts counts = read_cpu_counts(2, files.root());
  CHECK(counts.steal_ticks == 40);
  CHECK(counts.all_ticks == 100);
  CHECK(counts.timer_interrupts == 7000);
  CHECK(counts.interrupts == 8000);
  CHECK_FALSE(read_cpu_counts(1, files.root()).interrupts);
  CHECK_FALSE(read_cpu_counts(1, files.root()).steal_ticks);
  CHECK(difference(7, 3) == 4);
  CHECK_FALSE(difference(3, 7));
  CHECK_FALSE(difference(std::nullopt, 7));
}

TEST_CASE("on Arm the timer's interrupts are those of its architected timer") {
  const test::MadeUpMachine files;
  files.write("proc/interrupts",
              "           CPU0       CPU1\n"
              " 11:        300        400     GICv3  30 Level     arch_timer\n"
              " 12:          5          6     GICv3  33 Level     uart");
  CHECK(read_cpu_counts(1, files.root()).timer_interrupts == 400);
  CHECK(read_cpu_counts(1, files.root()).interrupts == 406);
}

TEST_CASE("the busiest processes are those that used most in between, whatever they used before") {
  const test::MadeUpMachine before, after;
  const auto stat = [](int pid, const std::string& name, int user, int system, int start) {
    return std::to_string(pid) + " (" + name + ") R 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(user) + " " + std::to_string(system) +
           " 0 0 20 0 1 0 " + std::to_string(start) + " 0 0";
  };
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  before.write("proc/10/stat", stat(10, "old work", 100'000, 0, 5));
  after.write("proc/10/stat", stat(10, "old work", 100'000, 5, 5));
  before.write("proc/11/stat", stat(11, "a) S (b", 0, 100, 5));
  after.write("proc/11/stat", stat(11, "a) S (b", 50, 150, 5));
  before.write("proc/12/stat", stat(12, "ended", 3, 3, 5));
  after.write("proc/12/stat", stat(12, "same\x1bnumber", 20, 0, 900));
  after.write("proc/13/stat", stat(13, "assay", 500, 0, 900));
  after.write("proc/14/stat", "14 (broken");
  after.write("proc/self/stat", stat(13, "assay", 500, 0, 900));
  const auto busy = busiest(read_process_times(before.root()), read_process_times(after.root()), 1.0, {13});
  REQUIRE(busy.size() == 3);
  CHECK(busy[0].pid == 11);
  CHECK(busy[0].name == "a) S (b");
  CHECK(busy[0].cpus == Approx(100 / ticks));
  CHECK(busy[1].name == "same?number");
  CHECK(busy[1].cpus == Approx(20 / ticks));
  CHECK(busy[2].cpus == Approx(5 / ticks));
  CHECK(busiest(read_process_times(before.root()), read_process_times(after.root()), 1.0, {13}, 1).size() == 1);
  CHECK(read_process_times("/nowhere").empty());
  CHECK_FALSE(read_process_times().empty());
}

TEST_CASE("random reads cost something in pages of either kind, and memory that isn't there is an error") {
  const auto pages = measure_pages(std::size_t{4} << 20, 2);
  REQUIRE(pages);
  CHECK(pages->small_s > 0);
  CHECK(pages->huge_s > 0);
  CHECK(pages->gain() == Approx(pages->small_s / pages->huge_s));
  const auto none = measure_pages(std::size_t{1} << 50, 1);
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message, Catch::Matchers::ContainsSubstring("bytes of memory"));
}
