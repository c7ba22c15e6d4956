#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "hardware/cpu/kernel_files.hpp"
#include "hardware/cpu/topology_sources.hpp"
#include "harness/core/ascii.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

/// Hybrid Intel processors list their kinds below /sys/devices; Arm ones differ in cpu_capacity.
std::map<int, CoreKind> core_kinds(const fs::path& root, const std::vector<int>& online) {
  std::map<int, CoreKind> kinds;
  const auto big = text_of(root / "sys/devices/cpu_core/cpus");
  const auto little = text_of(root / "sys/devices/cpu_atom/cpus");
  if (big && little) {
    for (const int cpu : parse_cpu_list(*big)) kinds[cpu] = CoreKind::performance;
    for (const int cpu : parse_cpu_list(*little)) kinds[cpu] = CoreKind::efficiency;
    return kinds;
  }
  std::map<int, std::int64_t> capacity;
  std::set<std::int64_t> distinct;
  for (const int cpu : online) {
    const auto value = integer_of(root / fmt::format("sys/devices/system/cpu/cpu{}/cpu_capacity", cpu));
    if (!value) return kinds;
    capacity[cpu] = *value;
    distinct.insert(*value);
  }
  if (distinct.size() < 2) return kinds;
  for (const auto& [cpu, value] : capacity) {
    kinds[cpu] = value == *distinct.rbegin() ? CoreKind::performance : CoreKind::efficiency;
  }
  return kinds;
}

std::map<int, int> numa_nodes(const fs::path& root) {
  std::map<int, int> node_of;
  for (const int node : parse_cpu_list(text_of(root / "sys/devices/system/node/online").value_or("0"))) {
    const auto cpus = text_of(root / fmt::format("sys/devices/system/node/node{}/cpulist", node));
    for (const int cpu : parse_cpu_list(cpus.value_or(""))) node_of[cpu] = node;
  }
  return node_of;
}

/// The caches that `cpu` is the first to share: so each appears once.
void add_caches(const fs::path& folder, int cpu, std::vector<Cache>& caches) {
  for (int index = 0;; ++index) {
    const fs::path cache = folder / fmt::format("cache/index{}", index);
    const auto level = integer_of(cache / "level");
    if (!level) return;
    const auto bytes = parse_size(text_of(cache / "size").value_or(""));
    auto shared_by = parse_cpu_list(text_of(cache / "shared_cpu_list").value_or(""));
    if (shared_by.empty()) shared_by = {cpu};
    if (!bytes || shared_by.front() != cpu) continue;
    caches.push_back({.level = static_cast<int>(*level),
                      .type = lower_case(text_of(cache / "type").value_or("unified")),
                      .bytes = *bytes,
                      .shared_by = std::move(shared_by)});
  }
}

}  // namespace

bool layout_from_sysfs(const fs::path& root, Topology& topology) {
  const fs::path base = root / "sys/devices/system/cpu";
  const std::vector<int> online = parse_cpu_list(text_of(base / "online").value_or(""));
  if (online.empty()) return false;
  const auto kinds = core_kinds(root, online);
  const auto nodes = numa_nodes(root);
  std::map<int, int> core_of_first_sibling;
  for (const int id : online) {
    const fs::path folder = base / fmt::format("cpu{}", id);
    auto siblings = text_of(folder / "topology/core_cpus_list");
    if (!siblings) siblings = text_of(folder / "topology/thread_siblings_list");  // before Linux 5.3
    const auto core_cpus = parse_cpu_list(siblings.value_or(""));
    const int first = core_cpus.empty() ? id : core_cpus.front();
    const int next_core = static_cast<int>(core_of_first_sibling.size());
    LogicalCpu cpu;
    cpu.id = id;
    cpu.core = core_of_first_sibling.try_emplace(first, next_core).first->second;
    // -1 means unknown to the kernel, as on many Arm boards: one package then
    cpu.package = static_cast<int>(
        std::max<std::int64_t>(0, integer_of(folder / "topology/physical_package_id").value_or(0)));
    if (const auto node = nodes.find(id); node != nodes.end()) cpu.numa_node = node->second;
    if (const auto kind = kinds.find(id); kind != kinds.end()) cpu.kind = kind->second;
    topology.cpus.push_back(cpu);
    add_caches(folder, id, topology.caches);
  }
  topology.source = "sysfs";
  return true;
}

}  // namespace assay::hardware
