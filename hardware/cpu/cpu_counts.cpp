#include "hardware/cpu/cpu_counts.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <string>

#include "hardware/cpu/kernel_files.hpp"

namespace assay::hardware {

namespace {

/// cpu3  user nice system idle iowait irq softirq steal guest guest_nice; guest time is part of user and nice
void read_ticks(const std::string& stat, int cpu, CpuCounts& counts) {
  std::istringstream lines(stat);
  const std::string wanted = fmt::format("cpu{}", cpu);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name != wanted) continue;
    std::array<std::int64_t, 8> ticks{};
    std::int64_t all = 0;
    for (std::int64_t& tick : ticks) {
      words >> tick;
      all += tick;
    }
    if (!words) return;
    counts.steal_ticks = ticks[7];
    counts.all_ticks = all;
    return;
  }
}

///            CPU0       CPU2
/// LOC:    3999328    4523256   Local timer interrupts
///  11:      12345      23456   GICv3  30 Level     arch_timer
/// Only CPUs that are online have a column.
void read_interrupts(const std::string& table, int cpu, CpuCounts& counts) {
  std::istringstream lines(table);
  std::string line, word;
  std::getline(lines, line);
  std::istringstream header(line);
  int columns = 0, column = -1;
  for (const std::string wanted = fmt::format("CPU{}", cpu); header >> word; ++columns) {
    if (word == wanted) column = columns;
  }
  if (column < 0) return;
  std::int64_t timer = 0, all = 0;
  bool timer_known = false;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string source;
    words >> source;
    std::int64_t count = 0;
    int read = 0;
    for (std::int64_t value = 0; read <= column && words >> value; ++read) count = value;
    if (read <= column) continue;  // "ERR: 0": of no CPU
    all += count;
    if (source == "LOC:" || line.find("arch_timer") != std::string::npos) {
      timer += count;
      timer_known = true;
    }
  }
  counts.interrupts = all;
  if (timer_known) counts.timer_interrupts = timer;
}

}  // namespace

CpuCounts read_cpu_counts(int cpu, const std::filesystem::path& root) {
  CpuCounts counts;
  read_ticks(text_of(root / "proc/stat").value_or(""), cpu, counts);
  read_interrupts(text_of(root / "proc/interrupts").value_or(""), cpu, counts);
  return counts;
}

std::optional<std::int64_t> difference(std::optional<std::int64_t> after, std::optional<std::int64_t> before) {
  return after && before && *after >= *before ? std::optional(*after - *before) : std::nullopt;
}

}  // namespace assay::hardware
