#include "hardware/cpu/control_group.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "hardware/cpu/fact.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

/// Calls `look` with the folder of this process's group and of every group above it.
template <class Look>
void walk_up(const fs::path& mount, const std::string& group, Look look) {
  fs::path folder = mount / fs::path(group).relative_path();
  if (!fs::exists(folder)) folder = mount;  // inside a container the path is the host's
  for (;;) {
    look(folder);
    if (folder == mount || !folder.has_relative_path() || folder.parent_path() == folder) return;
    folder = folder.parent_path();
  }
}

/// The smallest limit at or above this process's group; `read` gives one folder's own.
template <class Read>
Json smallest_limit(const fs::path& mount, const std::string& group, Read read) {
  std::optional<double> smallest;
  walk_up(mount, group, [&](const fs::path& folder) {
    const std::optional<double> limit = read(folder);
    if (limit && (!smallest || *limit < *smallest)) smallest = limit;
  });
  return smallest ? Json(*smallest) : Json("none");
}

/// This process's group in the hierarchy of `controller`; "" is version 2's.
std::string group_of(const std::string& cgroup_file, std::string_view controller) {
  std::istringstream lines(cgroup_file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream names(line.substr(first + 1, second - first - 1));
    bool found = controller.empty() && second == first + 1;
    for (std::string name; std::getline(names, name, ',');) found = found || name == controller;
    if (found) return line.substr(second + 1);
  }
  return "/";
}

std::optional<double> cpu_max(const fs::path& folder) {  // "150000 100000" or "max 100000"
  std::istringstream words(text_of(folder / "cpu.max").value_or(""));
  double quota = 0, period = 0;
  return words >> quota >> period && period > 0 ? std::optional(quota / period) : std::nullopt;
}

std::optional<double> cfs_quota(const fs::path& folder) {
  const auto quota = integer_of(folder / "cpu.cfs_quota_us");
  const auto period = integer_of(folder / "cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> memory_limit(const fs::path& folder, const char* file) {
  constexpr std::int64_t kAbsurd = std::int64_t{1} << 60;  // version 1 writes "no limit" as a huge number
  const auto bytes = integer_of(folder / file);
  return bytes && *bytes < kAbsurd ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

/// A line "key value" of cpu.stat.
std::optional<double> stat_of(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  std::string name;
  for (double value = 0; lines >> name >> value;) {
    if (name == key) return value;
  }
  return std::nullopt;
}

/// Of the group that was held back longest: the quota that binds may stand above this process's own group.
void add_throttling(const fs::path& mount, const std::string& group, Json& facts) {
  std::optional<double> longest_s, ratio;
  walk_up(mount, group, [&](const fs::path& folder) {
    const std::string text = text_of(folder / "cpu.stat").value_or("");
    const auto periods = stat_of(text, "nr_periods");
    const auto throttled = stat_of(text, "nr_throttled");
    const auto microseconds = stat_of(text, "throttled_usec");  // version 2
    const auto nanoseconds = stat_of(text, "throttled_time");   // version 1
    if (!periods || !throttled || (!microseconds && !nanoseconds)) return;
    const double held_s = microseconds ? *microseconds * 1e-6 : *nanoseconds * 1e-9;
    if (longest_s && held_s <= *longest_s) return;
    longest_s = held_s;
    ratio = *periods > 0 ? *throttled / *periods : 0;
  });
  const Json none = no_fact("no cpu.stat of a control group says");
  facts["cgroup_throttled_s"] = longest_s ? Json(*longest_s) : none;
  facts["cgroup_throttled_ratio"] = ratio ? Json(*ratio) : none;
}

}  // namespace

void add_control_group(const fs::path& root, Json& facts) {
  const fs::path mount = root / "sys/fs/cgroup";
  const auto groups = text_of(root / "proc/self/cgroup");
  if (!groups || !fs::exists(mount)) {
    for (const char* name : {"cgroup_version", "cgroup_cpus", "cgroup_memory_bytes", "cgroup_throttled_ratio",
                             "cgroup_throttled_s"}) {
      facts[name] = no_fact("no control groups are mounted");
    }
    return;
  }
  if (fs::exists(mount / "cgroup.controllers")) {
    const std::string group = group_of(*groups, "");
    facts["cgroup_version"] = 2;
    facts["cgroup_cpus"] = smallest_limit(mount, group, cpu_max);
    facts["cgroup_memory_bytes"] =
        smallest_limit(mount, group, [](const fs::path& folder) { return memory_limit(folder, "memory.max"); });
    return add_throttling(mount, group, facts);
  }
  facts["cgroup_version"] = 1;
  facts["cgroup_cpus"] = smallest_limit(mount / "cpu", group_of(*groups, "cpu"), cfs_quota);
  facts["cgroup_memory_bytes"] =
      smallest_limit(mount / "memory", group_of(*groups, "memory"),
                     [](const fs::path& folder) { return memory_limit(folder, "memory.limit_in_bytes"); });
  add_throttling(mount / "cpu", group_of(*groups, "cpu"), facts);
}

}  // namespace assay::hardware
