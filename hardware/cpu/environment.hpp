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
/// kernel, architecture, boot_id, hypervisor ("none" on bare metal, else kvm, hyperv, …), wsl2, container,
/// system_vendor, system_product; what clock_rate.hpp lists; cpus_offline, cpus_isolated, cpus_without_tick (lists), smt,
/// smt_control; clock_source, clock_sources, timer_hz, timer_slack_s; environment_bytes, stack_limit_bytes, aslr (0–2),
/// overcommit_memory (0–2), transparent_huge_pages; counting_units, perf_event_paranoid; memory_available_bytes,
/// swap_bytes, swap_used_bytes, load_average (1 min), steal_ratio (of all CPU time since boot); what control_group.hpp lists.
/// `root`: where /proc and /sys are; the hypervisor's name is always this machine's, and so is the kernel's
/// where /proc/sys/kernel/osrelease isn't there.
Json read_environment(const std::filesystem::path& root = "/");

/// True if `fact` is a reason instead of a value.
bool is_unavailable(const Json& fact);

}  // namespace assay::hardware
