// Which caches a thread has under it, and how much memory a loop must go through to meet one of them and not another.
//
//     const auto levels = memory_levels(topology, {1}, available_bytes);      // "l1", "l2", "l3", "dram"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/cpu/topology.hpp"

namespace assay::hardware {

struct MemoryLevel {
  std::string name;                // "l1", "l2", …; "dram"
  std::int64_t capacity_bytes = 0;  // of all caches of the level that these threads have, together; of memory: all of it
  std::int64_t bytes_per_thread = 0;   // footprint of a loop that is about this level
  std::string reason{};            // why the level can't be measured, or empty
};

/// The levels under threads that run on `cpus` (one each), nearest first. `memory_bytes`: what the loops may use in all.
///
/// A loop goes through half of its share of L1 or L2. Of a last-level cache it goes through eight times the L2 below, at
/// most half of its share: much of what a virtual machine is told to have belongs to others. Through memory it goes in a
/// circle of twice the last-level caches or more, of which a cache that drops the oldest lines keeps nothing.
std::vector<MemoryLevel> memory_levels(const Topology& topology, const std::vector<int>& cpus, std::int64_t memory_bytes);

/// A quarter of the memory that is free now: what loops may take without pushing others into swap.
std::int64_t memory_for_loops();

}  // namespace assay::hardware
