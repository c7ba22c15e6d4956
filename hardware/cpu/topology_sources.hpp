// The two ways to learn the layout; topology.cpp adds what they have in common.
#pragma once

#include "hardware/cpu/topology.hpp"

namespace assay::hardware {

/// Fills cpus, caches and source. False with nothing changed if hwloc isn't built in or fails.
bool layout_from_hwloc(Topology& topology);

/// Fills cpus, caches and source from sysfs below `root`. False if there are no CPUs there.
bool layout_from_sysfs(const std::filesystem::path& root, Topology& topology);

}  // namespace assay::hardware
