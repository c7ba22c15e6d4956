// What the caches and the memory give at most: bytes a second when read, written, copied or combined (STREAM's triad) in
// order, and the time of one access when each depends on the last.
//
//     const MemoryLevel l2 = …;                                       // of memory_levels()
//     auto loop = make_memory_loop({.pattern = MemoryPattern::read, .level = l2});
//     if (!loop) return fail(loop.error());
//     (*loop)->run(1000);                                             // time this: 1000 × bytes_per_iteration()
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/cpu/ceiling.hpp"
#include "hardware/cpu/memory_level.hpp"
#include "harness/core/result.hpp"

namespace assay::hardware {

/// Bytes are those that the program asks for, as STREAM counts them: copy twice the length of an array, triad three times.
/// Past the last cache stores go around the caches where the processor can do that, so that none is counted short.
enum class MemoryPattern { read, write, copy, triad, latency };

std::string_view name_of(MemoryPattern pattern);
std::optional<MemoryPattern> memory_pattern(std::string_view name);

struct MemorySettings {
  MemoryPattern pattern = MemoryPattern::read;
  MemoryLevel level;      // its bytes_per_thread is what each thread goes through, again and again
  int threads = 1;        // 1 for latency
  std::vector<int> cpus;  // as of PeakSettings
};

/// Takes and fills the memory, each thread its own. An iteration of a bandwidth loop goes through at most 1 MiB a thread,
/// the next one goes on from there; an iteration of `latency` is one access, each to a line that the one before names, in
/// an order that no prefetcher follows.
/// An Error says why this level can't be measured here, or what the system refused.
Result<std::unique_ptr<CeilingLoop>> make_memory_loop(const MemorySettings& settings);

}  // namespace assay::hardware
