#include "hardware/cpu/memory_level.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "hardware/cpu/kernel_files.hpp"

namespace assay::hardware {

namespace {

constexpr std::int64_t kLeastMemory = 256 << 20;  // even without a cache that anybody told us of
constexpr double kCachesPassed = 2.2;
constexpr std::int64_t kL2Passed = 8;

/// The caches of one level that hold data, for threads on some CPUs.
struct Share {
  std::int64_t all_bytes = 0;     // of the caches that these threads have
  std::int64_t thread_bytes = 0;  // of one thread, where most of them share
};

Share share_of(const Topology& topology, const std::vector<int>& cpus, int level) {
  Share share;
  for (const Cache& cache : topology.caches) {
    if (cache.level != level || cache.type == "instruction") continue;
    const auto users = std::count_if(cpus.begin(), cpus.end(), [&](int cpu) {
      return std::find(cache.shared_by.begin(), cache.shared_by.end(), cpu) != cache.shared_by.end();
    });
    if (users == 0) continue;
    share.all_bytes += cache.bytes;
    const std::int64_t each = cache.bytes / users;
    share.thread_bytes = share.thread_bytes == 0 ? each : std::min(share.thread_bytes, each);
  }
  return share;
}

std::int64_t rounded_down(std::int64_t bytes, std::int64_t step) { return bytes / step * step; }

}  // namespace

std::vector<MemoryLevel> memory_levels(const Topology& topology, const std::vector<int>& cpus, std::int64_t memory_bytes) {
  std::vector<MemoryLevel> levels;
  std::int64_t l2_bytes = 0;
  std::int64_t below = 0;         // footprint of the level before
  std::int64_t last_caches = 0;   // of the largest level that there is
  for (int level = 1; level <= 4; ++level) {
    const Share share = share_of(topology, cpus, level);
    if (share.all_bytes == 0) continue;
    MemoryLevel l{.name = fmt::format("l{}", level), .capacity_bytes = share.all_bytes};
    last_caches = std::max(last_caches, share.all_bytes);
    std::int64_t bytes = share.thread_bytes / 2;
    if (level == 2) l2_bytes = share.thread_bytes;
    if (level > 2 && l2_bytes > 0) bytes = std::min(bytes, kL2Passed * l2_bytes);
    l.bytes_per_thread = rounded_down(bytes, 12 * 1024);  // three arrays of whole blocks
    if (l.bytes_per_thread < 2 * below) {
      l.reason = fmt::format("a thread's share of L{} ({} KiB) is hardly more than of the cache before it", level, share.thread_bytes / 1024);
    } else {
      below = l.bytes_per_thread;
    }
    levels.push_back(std::move(l));
  }
  const auto threads = static_cast<std::int64_t>(std::max<std::size_t>(1, cpus.size()));
  const std::int64_t wanted = std::max(kLeastMemory, static_cast<std::int64_t>(kCachesPassed * static_cast<double>(last_caches)));
  MemoryLevel dram{.name = "dram", .capacity_bytes = topology.memory_bytes};
  dram.bytes_per_thread = rounded_down(wanted / threads, 12 << 20);
  if (dram.bytes_per_thread == 0) dram.bytes_per_thread = 12 << 20;
  if (dram.bytes_per_thread * threads > memory_bytes) {
    dram.reason = fmt::format("needs {} MiB, more than a quarter of the {} MiB of memory that are free",
                              dram.bytes_per_thread * threads >> 20, 4 * memory_bytes >> 20);
  }
  levels.push_back(std::move(dram));
  return levels;
}

std::int64_t memory_for_loops() {
  const auto kibibytes = field_of(text_of("/proc/meminfo").value_or(""), "MemAvailable");
  std::istringstream field(kibibytes.value_or(""));
  std::int64_t available = 0;
  if (!(field >> available)) return kLeastMemory;
  std::int64_t bytes = available * 1024;
  for (const char* limit : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const auto most = integer_of(limit)) bytes = std::min(bytes, *most);
  }
  return bytes / 4;
}

}  // namespace assay::hardware
