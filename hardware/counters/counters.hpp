// What a timed block cost besides time: processor time, page faults, context switches, migrations.
//
//     const auto counters = open_counters();
//     return worker::serve(workload, counters.get());
//
// A chain of sources, the most precise first; each name is answered by the first source that has a number for it, and
// where none has, the first reason stands. Today:
//
//   perf_event   the kernel's software events: task_clock_s, page_faults, context_switches, cpu_migrations
//   getrusage    user_s, system_s, minor_faults, major_faults, voluntary_switches, involuntary_switches,
//                peak_memory_bytes; and, where perf_event is refused, task_clock_s, page_faults and
//                context_switches, which the kernel counts for both alike
//
// Hardware counters are another source, to stand at the head of the chain.
#pragma once

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

/// The chain above. `open()` is still to be called (serve does).
std::unique_ptr<worker::CounterSource> open_counters();

/// The kernel's software events, over all threads that this process has when `open` is called and those they start.
std::unique_ptr<worker::CounterSource> perf_event_counters();

/// Resource usage of the whole process; never fails.
std::unique_ptr<worker::CounterSource> rusage_counters();

}  // namespace assay::hardware
