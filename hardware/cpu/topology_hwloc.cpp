#include "hardware/cpu/topology_sources.hpp"

#ifndef ASSAY_HAVE_HWLOC

namespace assay::hardware {

bool layout_from_hwloc(Topology&) { return false; }

}  // namespace assay::hardware

#else

#include <fmt/format.h>
#include <hwloc.h>

#include <cstdlib>
#include <memory>
#include <optional>

namespace assay::hardware {

namespace {

/// An environment variable for as long as this lives.
class WhileSet {
 public:
  WhileSet(const char* name, const char* value) : name_(name) {
    if (const char* set = std::getenv(name)) before_ = set;
    ::setenv(name, value, 1);
  }
  WhileSet(const WhileSet&) = delete;
  WhileSet& operator=(const WhileSet&) = delete;
  ~WhileSet() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Loaded = std::unique_ptr<hwloc_topology, Destroy>;

Loaded load() {
  // Plugins, and with them OpenCL and CUDA, are loaded when the first topology is made, before
  // hwloc_topology_set_components could forbid it: so there is nothing to find.
  const WhileSet no_plugins("HWLOC_PLUGINS_PATH", "/nonexistent");
  const WhileSet no_messages("HWLOC_HIDE_ERRORS", "2");  // of a container without /sys: what is missing stands in the manifest
  hwloc_topology_t made = nullptr;
  if (hwloc_topology_init(&made) != 0) return nullptr;
  Loaded topology(made);
  // Compiled in rather than plugged in, these would still be asked; an unknown name is an error that changes nothing.
  for (const char* component : {"opencl", "cuda", "nvml", "rsmi", "levelzero", "gl"}) {
    hwloc_topology_set_components(made, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  }
  hwloc_topology_set_io_types_filter(made, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_icache_types_filter(made, HWLOC_TYPE_FILTER_KEEP_ALL);
  hwloc_topology_set_flags(made, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  if (hwloc_topology_load(made) != 0) return nullptr;
  return topology;
}

std::vector<int> members(hwloc_const_cpuset_t set) {
  std::vector<int> cpus;
  if (!set) return cpus;
  for (int cpu = hwloc_bitmap_first(set); cpu >= 0; cpu = hwloc_bitmap_next(set, cpu)) cpus.push_back(cpu);
  return cpus;
}

/// With two or more kinds the most efficient in hwloc's sense (the fastest) is `performance`.
CoreKind kind_of(hwloc_topology_t topology, hwloc_const_cpuset_t cpu) {
#if HWLOC_API_VERSION >= 0x00020400
  const int kinds = hwloc_cpukinds_get_nr(topology, 0);
  const int mine = hwloc_cpukinds_get_by_cpuset(topology, cpu, 0);
  int efficiency = -1;
  if (kinds < 2 || mine < 0) return CoreKind::uniform;
  if (hwloc_cpukinds_get_info(topology, static_cast<unsigned>(mine), nullptr, &efficiency, nullptr, nullptr, 0) != 0 ||
      efficiency < 0) {
    return CoreKind::uniform;  // kinds differ, e.g. in turbo frequency, but hwloc can't rank them
  }
  return efficiency == kinds - 1 ? CoreKind::performance : CoreKind::efficiency;
#else
  static_cast<void>(topology);
  static_cast<void>(cpu);
  return CoreKind::uniform;
#endif
}

std::string type_of(hwloc_obj_cache_type_t type) {
  switch (type) {
    case HWLOC_OBJ_CACHE_DATA: return "data";
    case HWLOC_OBJ_CACHE_INSTRUCTION: return "instruction";
    default: return "unified";
  }
}

}  // namespace

bool layout_from_hwloc(Topology& topology) {
  const Loaded loaded = load();
  if (!loaded) return false;
  std::vector<LogicalCpu> cpus;
  std::vector<Cache> caches;
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(loaded.get(), HWLOC_OBJ_PU, pu)) != nullptr;) {
    const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(loaded.get(), HWLOC_OBJ_CORE, pu);
    const hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(loaded.get(), HWLOC_OBJ_PACKAGE, pu);
    const int node = pu->nodeset ? hwloc_bitmap_first(pu->nodeset) : -1;
    cpus.push_back({.id = static_cast<int>(pu->os_index),
                    .core = static_cast<int>(core ? core->logical_index : pu->logical_index),
                    .package = static_cast<int>(package ? package->logical_index : 0),
                    .numa_node = node < 0 ? 0 : node,
                    .kind = kind_of(loaded.get(), pu->cpuset)});
  }
  if (cpus.empty()) return false;
  for (const hwloc_obj_type_t type :
       {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L1ICACHE}) {
    for (hwloc_obj_t obj = nullptr; (obj = hwloc_get_next_obj_by_type(loaded.get(), type, obj)) != nullptr;) {
      caches.push_back({.level = static_cast<int>(obj->attr->cache.depth),
                        .type = type_of(obj->attr->cache.type),
                        .bytes = static_cast<std::int64_t>(obj->attr->cache.size),
                        .shared_by = members(obj->cpuset)});
    }
  }
  const unsigned version = hwloc_get_api_version();
  topology.cpus = std::move(cpus);
  topology.caches = std::move(caches);
  topology.source = fmt::format("hwloc {}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff);
  return true;
}

}  // namespace assay::hardware

#endif
