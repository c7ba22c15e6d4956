// Everything around the processor that moves a measurement: kernel, hypervisor, frequency, huge pages, neighbours.
//
//     const Json facts = read_environment();
//     facts["governor"] == "performance"   or   facts["governor"] == {"reason": "no cpufreq: the hypervisor decides"}
//
// A fact is a value (SI units in its name) or an object with a reason why it can't be had. No user, home or host
// name, and no path of a control group (those name users).
#pragma once

#include <filesystem>
#include <string>

#include "harness/core/json.hpp"

namespace assay::hardware {

/// The facts, always the same names:
/// kernel, architecture, boot_id, clock_source, hypervisor ("none" on bare metal, else kvm, hyperv, …), wsl2,
/// container, system_vendor, system_product, governor, frequency_min_hz, frequency_max_hz, turbo, smt,
/// transparent_huge_pages, aslr (0–2), perf_event_paranoid, swap_bytes, swap_used_bytes, load_average (1 min),
/// steal_ratio (of all CPU time since boot), cgroup_version, cgroup_cpus, cgroup_memory_bytes.
/// `root`: where /proc and /sys are; the hypervisor's name and uname are always this machine's.
Json read_environment(const std::filesystem::path& root = "/");

/// True if `fact` is a reason instead of a value.
bool is_unavailable(const Json& fact);

}  // namespace assay::hardware
