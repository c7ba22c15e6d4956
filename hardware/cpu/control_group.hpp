// What a container, a service manager or a batch system allows this process: the limits of its control group. A group
// that has used up its processor time is stopped until the period ends, in the middle of a timed block.
#pragma once

#include <filesystem>

#include "harness/core/json.hpp"

namespace assay::hardware {

/// Adds cgroup_version, cgroup_cpus, cgroup_memory_bytes (the smallest limit at or above this process's group, or
/// "none"), cgroup_throttled_ratio (of the periods that the quota was applied in) and cgroup_throttled_s. Paths of
/// groups name users: none is told.
void add_control_group(const std::filesystem::path& root, Json& facts);

}  // namespace assay::hardware
