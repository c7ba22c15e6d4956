// The supervisor's clocks: its own wall clock, and the CPU time of processes that it watches.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>

namespace assay::run {

inline std::int64_t to_ns(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

/// CLOCK_MONOTONIC, ns. The same clock that worker libraries use, so that brackets and blocks compare.
inline std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return to_ns(t);
}

/// CPU time that this process has used, ns.
inline std::int64_t own_cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return to_ns(t);
}

/// CPU time of all threads of another process, ns; 0 once it is gone. (The ticks in /proc are 10 ms: too coarse.)
inline std::int64_t cpu_ns_of(pid_t pid) {
  clockid_t clock{};
  timespec t{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
  return to_ns(t);
}

}  // namespace assay::run
