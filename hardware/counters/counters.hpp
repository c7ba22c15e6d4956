// What a timed block cost besides time: instructions, cache misses, energy, page faults, context switches, migrations.
//
//     const auto counters = open_counters();
//     return worker::serve(workload, counters.get());
//
// A chain of sources, the most precise first; each name is answered by the first source that has a number for it, and
// where none has, the first reason stands:
//
//   PAPI         the processor's counters, one set of them a process: instructions, cycles, branch_misses, llc_misses,
//                l1d_misses, l2_misses, dtlb_misses, flop_f64, flop_f32 (or flop, of both precisions)
//   RAPL         energy_package_j, energy_dram_j
//   perf_event   the kernel's software events: task_clock_s, page_faults, context_switches, cpu_migrations
//   getrusage    user_s, system_s, minor_faults, major_faults, voluntary_switches, involuntary_switches,
//                peak_memory_bytes; and, where perf_event is refused, task_clock_s, page_faults and
//                context_switches, which the kernel counts for both alike
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "harness/worker/counter_source.hpp"

namespace assay::hardware {

/// Several sources as one. The most precise one starts last and stops first, so that it counts nothing of the others.
class CounterChain final : public worker::CounterSource {
 public:
  explicit CounterChain(std::vector<std::unique_ptr<worker::CounterSource>> sources);

  void open() override;
  void start() override;
  void stop() override;
  Json read() const override;

 private:
  std::vector<std::unique_ptr<worker::CounterSource>> sources_;  // most precise first
};

/// The chain above, or under Callgrind its counts alone. `open()` is still to be called (serve does).
std::unique_ptr<worker::CounterSource> open_counters();

/// Energy of the whole machine's packages and memory below `root`, whoever used it.
std::unique_ptr<worker::CounterSource> rapl_counters(std::filesystem::path root = "/sys/class/powercap");

/// The kernel's software events, over all threads that this process has when `open` is called and those they start.
std::unique_ptr<worker::CounterSource> perf_event_counters();

/// Resource usage of the whole process; never fails.
std::unique_ptr<worker::CounterSource> rusage_counters();

}  // namespace assay::hardware
