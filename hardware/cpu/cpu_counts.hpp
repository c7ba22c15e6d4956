// What the kernel has counted on one CPU since boot: time that the host took, interrupts. Two readings tell what
// happened in between.
//
//     const CpuCounts before = read_cpu_counts(3);
//     …
//     const auto timer = difference(read_cpu_counts(3).timer_interrupts, before.timer_interrupts);
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace assay::hardware {

/// nullopt: the kernel doesn't say.
struct CpuCounts {
  std::optional<std::int64_t> steal_ticks;  // of 10 ms, that a hypervisor gave to another guest
  std::optional<std::int64_t> all_ticks;    // busy, idle and stolen
  std::optional<std::int64_t> timer_interrupts;
  std::optional<std::int64_t> interrupts;   // all, the timer's among them
};

CpuCounts read_cpu_counts(int cpu, const std::filesystem::path& root = "/");

/// after − before; nullopt if either is missing or a counter was reset.
std::optional<std::int64_t> difference(std::optional<std::int64_t> after, std::optional<std::int64_t> before);

}  // namespace assay::hardware
