// What a program that only computes loses on a CPU: the loop reads the clock over and over, and every gap is time that
// went to an interrupt, the kernel, another process or another guest (the "selfish detour" benchmark of Beckman et al.,
// 2006). It needs no counter and no privilege, and it sees what /proc can't: the host.
//
//     const auto watched = watch_cpu(3);
//     if (!watched) return fail(watched.error());
//     watched->detours.lost_ratio()      // 0.0012: 0.12 % of the time
//
// In turns with it the FMA loop of peak.hpp runs in short slices: a clock rate that moves, or a neighbour on the same
// core, stops nothing and so makes no gap, but slows them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::hardware {

struct Detours {
  double threshold_s = 5e-6;  // a gap from here on is a detour; a reading of the clock takes some 25 ns
  double watched_s = 0;
  std::int64_t count = 0;
  double lost_s = 0;
  double longest_s = 0;

  double per_second() const { return watched_s > 0 ? static_cast<double>(count) / watched_s : 0; }
  double lost_ratio() const { return watched_s > 0 ? lost_s / watched_s : 0; }
};

/// Reads `now`, which counts nanoseconds, until `span_ns` have passed, and adds what it sees to `detours`.
template <class Now>
void look_for_detours(Now now, std::int64_t span_ns, Detours& detours) {
  const auto threshold_ns = static_cast<std::int64_t>(detours.threshold_s * 1e9);
  const std::int64_t begin = now();
  std::int64_t before = begin, lost = 0, longest = 0, count = 0;
  while (before - begin < span_ns) {
    const std::int64_t after = now();
    const std::int64_t gap = after - before;
    if (gap >= threshold_ns) {
      ++count;
      lost += gap;
      if (gap > longest) longest = gap;
    }
    before = after;
  }
  detours.watched_s += static_cast<double>(before - begin) * 1e-9;
  detours.count += count;
  detours.lost_s += static_cast<double>(lost) * 1e-9;
  if (static_cast<double>(longest) * 1e-9 > detours.longest_s) detours.longest_s = static_cast<double>(longest) * 1e-9;
}

struct WatchSettings {
  int slices = 40;                  // of each loop, in turns
  std::int64_t slice_ns = 25'000'000;
  std::int64_t peak_iterations = 60;  // of 60 to 100 µs
};

struct CpuWatch {
  int cpu = 0;
  Detours detours;
  std::optional<double> steal_ratio;          // of the CPU's time, by the kernel's account: in steps of 10 ms
  std::optional<double> timer_interrupts_per_s;
  std::optional<double> other_interrupts_per_s;
  std::vector<double> peak_flop_per_s;        // of each slice, ascending

  /// `q` from 0 to 1: the value that a share of q of the slices doesn't exceed. Requires a slice.
  double peak_quantile(double q) const;
  /// Slow over fast: the 10th percentile of the slices' speeds over the 90th; 1 where there are none.
  double steadiness() const;
};

/// Takes slices × (slice + peak) ≈ 1.2 s. The loops run in a thread of their own that is bound to `cpu`; the caller
/// should do nothing meanwhile. An Error if this process may not run there.
Result<CpuWatch> watch_cpu(int cpu, const WatchSettings& settings = {}, const std::filesystem::path& root = "/");

}  // namespace assay::hardware
