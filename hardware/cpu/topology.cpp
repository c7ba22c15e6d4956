#include "hardware/cpu/topology.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "hardware/cpu/kernel_files.hpp"
#include "hardware/cpu/topology_sources.hpp"
#include "harness/core/names.hpp"

namespace assay::hardware {

namespace {

constexpr NameTable<CoreKind, 3> kCoreKinds{{{{CoreKind::uniform, "uniform"},
                                              {CoreKind::performance, "performance"},
                                              {CoreKind::efficiency, "efficiency"}}}};

/// What kernels of machine-learning systems are chosen by; a full list of flags has 130 entries and hides these.
constexpr std::string_view kFlagsOfInterest[] = {
    "sse2",        "sse4_2",      "avx",        "avx2",      "fma",        "f16c",        "avx_vnni",
    "avx512f",     "avx512dq",    "avx512bw",   "avx512vl",  "avx512_vnni", "avx512_bf16", "avx512_fp16",
    "avx512vbmi",  "amx_tile",    "amx_int8",   "amx_bf16",  "amx_fp16",   "asimd",       "fphp",
    "asimdhp",     "asimddp",     "sve",        "sve2",      "bf16",       "i8mm",        "constant_tsc",
    "nonstop_tsc"};

std::string first_of(std::string_view text, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    if (auto value = field_of(text, key)) return *std::move(value);
  }
  return "";
}

CpuIdentity read_identity(const std::filesystem::path& root) {
  const std::string text = text_of(root / "proc/cpuinfo").value_or("");
  CpuIdentity identity;
  identity.model = first_of(text, {"model name", "Model", "Hardware", "cpu model"});
  identity.vendor = first_of(text, {"vendor_id", "CPU implementer"});
  identity.family = first_of(text, {"cpu family", "CPU architecture"});
  identity.model_number = first_of(text, {"model", "CPU part"});
  identity.stepping = first_of(text, {"stepping", "CPU revision"});
  identity.microcode = first_of(text, {"microcode"});
  std::istringstream words(first_of(text, {"flags", "Features"}));
  std::set<std::string> all;
  for (std::string word; words >> word;) all.insert(word);
  for (const auto flag : kFlagsOfInterest) {
    if (all.contains(std::string(flag))) identity.flags.emplace_back(flag);
  }
  identity.hypervisor = all.contains("hypervisor");
  return identity;
}

/// "MemTotal:  16384256 kB"
std::int64_t read_memory_bytes(const std::filesystem::path& root) {
  std::istringstream field(first_of(text_of(root / "proc/meminfo").value_or(""), {"MemTotal"}));
  std::int64_t kibibytes = 0;
  field >> kibibytes;
  return kibibytes * 1024;
}

std::vector<int> allowed_cpus() {
  std::vector<int> allowed;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof mask, &mask) != 0) return allowed;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) allowed.push_back(cpu);
  }
  return allowed;
}

/// Everything that follows from the layout.
void complete(Topology& topology, const std::filesystem::path& root) {
  std::sort(topology.cpus.begin(), topology.cpus.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(topology.caches.begin(), topology.caches.end(), [](const Cache& a, const Cache& b) {
    return std::tie(a.level, a.type, a.shared_by) < std::tie(b.level, b.type, b.shared_by);
  });
  std::set<int> packages, cores, nodes;
  for (const LogicalCpu& cpu : topology.cpus) {
    packages.insert(cpu.package);
    cores.insert(cpu.core);
    nodes.insert(cpu.numa_node);
  }
  topology.packages = static_cast<int>(packages.size());
  topology.cores = static_cast<int>(cores.size());
  topology.numa_nodes = static_cast<int>(nodes.size());
  topology.identity = read_identity(root);
  topology.memory_bytes = read_memory_bytes(root);
}

Json number_or_null(std::int64_t value) { return value > 0 ? Json(value) : Json(); }
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

std::string_view name_of(CoreKind kind) { return kCoreKinds.name(kind); }

bool CpuIdentity::has(std::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

const LogicalCpu* Topology::find(int cpu) const {
  const auto found = std::find_if(cpus.begin(), cpus.end(), [cpu](const LogicalCpu& c) { return c.id == cpu; });
  return found == cpus.end() ? nullptr : &*found;
}

std::vector<int> Topology::siblings_of(int cpu) const {
  std::vector<int> siblings;
  const LogicalCpu* self = find(cpu);
  for (const LogicalCpu& other : cpus) {
    if (self && other.core == self->core) siblings.push_back(other.id);
  }
  return siblings;
}

Result<Topology> read_topology() {
  Topology topology;
  if (!layout_from_hwloc(topology) && !layout_from_sysfs("/", topology)) {
    return Error{"topology: neither hwloc nor /sys/devices/system/cpu names a CPU; is /sys mounted?"};
  }
  complete(topology, "/");
  topology.allowed = allowed_cpus();
  return topology;
}

Result<Topology> topology_from_sysfs(const std::filesystem::path& root) {
  Topology topology;
  if (!layout_from_sysfs(root, topology)) {
    return Error{fmt::format("topology: {} names no CPU", (root / "sys/devices/system/cpu/online").string())};
  }
  complete(topology, root);
  for (const LogicalCpu& cpu : topology.cpus) topology.allowed.push_back(cpu.id);
  return topology;
}

Json to_json(const Topology& topology) {
  std::map<std::tuple<int, std::string, std::int64_t, std::size_t>, int> alike;
  for (const Cache& cache : topology.caches) {
    ++alike[{cache.level, cache.type, cache.bytes, cache.shared_by.size()}];
  }
  Json caches = Json::array();
  for (const auto& [cache, count] : alike) {
    const auto& [level, type, bytes, sharers] = cache;
    caches.push_back({{"level", level}, {"type", type}, {"bytes", bytes}, {"shared_by", sharers}, {"count", count}});
  }
  std::map<std::string, std::set<int>> kinds;
  std::size_t most_siblings = 0;
  for (const LogicalCpu& cpu : topology.cpus) {
    kinds[std::string(name_of(cpu.kind))].insert(cpu.core);
    most_siblings = std::max(most_siblings, topology.siblings_of(cpu.id).size());
  }
  Json cores_by_kind = Json::object();
  for (const auto& [kind, cores] : kinds) cores_by_kind[kind] = cores.size();
  const CpuIdentity& id = topology.identity;
  return {{"model", text_or_null(id.model)},
          {"vendor", text_or_null(id.vendor)},
          {"family", text_or_null(id.family)},
          {"model_number", text_or_null(id.model_number)},
          {"stepping", text_or_null(id.stepping)},
          {"microcode", text_or_null(id.microcode)},
          {"flags", id.flags},
          {"hypervisor", id.hypervisor},
          {"packages", topology.packages},
          {"cores", topology.cores},
          {"cores_by_kind", cores_by_kind},
          {"logical_cpus", topology.cpus.size()},
          {"threads_per_core", most_siblings},
          {"numa_nodes", topology.numa_nodes},
          {"caches", caches},
          {"memory_bytes", number_or_null(topology.memory_bytes)},
          {"allowed_cpus", topology.allowed},
          {"source", topology.source}};
}

}  // namespace assay::hardware
