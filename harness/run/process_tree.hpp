// Who descends from whom, what a tree of processes uses, and its end: read from /proc, for the keeper that kills
// trees and the supervisor that watches them, and kills them where the keeper is gone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::run {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  bool zombie = false;
  bool still = false;  // stopped, or a zombie: it can't fork
};

/// Every process that /proc shows now.
std::vector<ProcessEntry> all_processes();

/// Descendants of `root` in `processes`, without `root` itself.
std::vector<pid_t> descendants_of(pid_t root, const std::vector<ProcessEntry>& processes);

/// Kills every child of this process that `wanted` picks, with all its descendants, and reaps them; how many they were.
/// Nothing gets away if this process is a subreaper (prctl): then whatever loses its parent becomes its child.
int kill_children(const std::function<bool(const ProcessEntry&)>& wanted);

/// Confines every thread of these processes to one CPU; what they start later inherits it. Who has gone is skipped.
void bind_threads(const std::vector<pid_t>& pids, int cpu);

/// Resident bytes of one process; 0 once it is gone.
std::int64_t resident_bytes(pid_t pid);
std::int64_t resident_bytes(const std::vector<pid_t>& pids);

/// MemAvailable of /proc/meminfo: what can be used without swapping.
std::int64_t available_memory_bytes();

/// The value of `name` in a process's environment as it was at exec; empty if absent or unreadable.
std::string environment_value(pid_t pid, std::string_view name);

/// "killed by SIGSEGV", "exited with status 3": of a wait status.
std::string describe_exit(int code, int status);

}  // namespace assay::run
