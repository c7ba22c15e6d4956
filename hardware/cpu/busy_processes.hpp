// Who else uses the processor: two looks at every process's CPU time, and the busiest in between.
//
//     const ProcessTimes before = read_process_times();
//     …
//     for (const BusyProcess& p : busiest(before, read_process_times(), seconds)) …   // "cc1plus", 0.98
//
// A process is known by its program's name and number; who owns it isn't read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace assay::hardware {

struct ProcessTime {
  std::string name;  // as the kernel has it: at most 15 characters, those that can't be printed replaced by '?'
  double cpu_s = 0;  // user and system
};

/// By process id and start, so that a number that was used again is another process.
using ProcessTimes = std::map<std::pair<int, std::int64_t>, ProcessTime>;

/// Empty where /proc shows no process. A process that ends meanwhile is left out.
ProcessTimes read_process_times(const std::filesystem::path& root = "/");

struct BusyProcess {
  int pid = 0;
  std::string name;
  double cpus = 0;  // CPU time over time: 1 is one whole CPU
};

/// The `most` busiest, from one hundredth of a CPU on, busiest first; `apart` are process ids that don't count.
std::vector<BusyProcess> busiest(const ProcessTimes& before, const ProcessTimes& after, double seconds,
                                 const std::set<int>& apart = {}, std::size_t most = 3);

}  // namespace assay::hardware
