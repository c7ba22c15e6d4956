#include <algorithm>
#include <map>
#include <tuple>

#include "hardware/cpu/topology.hpp"

namespace assay::hardware {

namespace {

struct Core {
  std::vector<int> cpus;  // allowed ones; CPU 0 last
  int package = 0;
  int numa_node = 0;
  CoreKind kind = CoreKind::uniform;
  bool takes_interrupts = false;  // CPU 0 is one of its siblings, allowed or not
};

bool efficient(const Core& core) { return core.kind == CoreKind::efficiency; }

std::vector<Core> allowed_cores(const Topology& topology) {
  std::map<int, Core> by_index;
  for (const LogicalCpu& cpu : topology.cpus) {
    Core& core = by_index[cpu.core];
    core.package = cpu.package;
    core.numa_node = cpu.numa_node;
    core.kind = cpu.kind;
    core.takes_interrupts |= cpu.id == 0;
    if (std::binary_search(topology.allowed.begin(), topology.allowed.end(), cpu.id)) core.cpus.push_back(cpu.id);
  }
  std::vector<Core> cores;
  for (auto& [index, core] : by_index) {
    if (core.cpus.empty()) continue;
    std::stable_partition(core.cpus.begin(), core.cpus.end(), [](int cpu) { return cpu != 0; });
    cores.push_back(std::move(core));
  }
  return cores;
}

}  // namespace

std::vector<int> choose_cpus(const Topology& topology, int threads) {
  std::vector<Core> cores = allowed_cores(topology);
  // Threads that share data should share a last-level cache and a memory: the node with the most good cores first.
  using Place = std::pair<int, int>;
  std::map<Place, int> good_cores;
  const auto place_of = [](const Core& core) { return Place{core.package, core.numa_node}; };
  for (const Core& core : cores) good_cores[place_of(core)] += !efficient(core) && !core.takes_interrupts;
  const auto rank = [&](const Core& core) {
    return std::tuple(efficient(core), -good_cores[place_of(core)], place_of(core), core.takes_interrupts);
  };
  std::stable_sort(cores.begin(), cores.end(), [&](const Core& a, const Core& b) { return rank(a) < rank(b); });

  std::vector<int> chosen;
  std::size_t most_siblings = 0;
  for (const Core& core : cores) most_siblings = std::max(most_siblings, core.cpus.size());
  for (std::size_t sibling = 0; sibling < most_siblings; ++sibling) {
    for (const Core& core : cores) {
      if (sibling < core.cpus.size() && std::cmp_less(chosen.size(), threads)) chosen.push_back(core.cpus[sibling]);
    }
  }
  return chosen;
}

}  // namespace assay::hardware
