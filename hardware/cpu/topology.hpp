// What the processor is and how it is laid out: for the manifest, and for choosing where a worker runs.
//
//     const auto topology = read_topology();
//     if (!topology) return fail(topology.error());
//     const std::vector<int> cpus = choose_cpus(*topology, 2);      // {1, 2} on a machine with four cores
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::hardware {

/// Only hybrid processors have two kinds; elsewhere every core is `uniform`.
enum class CoreKind { uniform, performance, efficiency };

std::string_view name_of(CoreKind kind);

struct LogicalCpu {
  int id = 0;         // the kernel's number, as affinity masks count
  int core = 0;       // equal for SMT siblings; counted from 0 over the whole machine
  int package = 0;
  int numa_node = 0;
  CoreKind kind = CoreKind::uniform;
};

struct Cache {
  int level = 0;
  std::string type;             // "data", "instruction", "unified"
  std::int64_t bytes = 0;
  std::vector<int> shared_by;   // logical CPUs, ascending
};

/// As /proc/cpuinfo names it. On x86 family, model and stepping; on Arm implementer, part and revision.
struct CpuIdentity {
  std::string model;      // "Intel(R) Xeon(R) Processor"; "" where the kernel doesn't say
  std::string vendor;     // "GenuineIntel", "0x41"
  std::string family;
  std::string model_number;
  std::string stepping;
  std::string microcode;
  std::vector<std::string> flags;  // those that decide what a kernel can use, in /proc/cpuinfo's words: "avx512f"
  bool hypervisor = false;         // the processor itself says that it is a guest's

  bool has(std::string_view flag) const;
};

struct Topology {
  CpuIdentity identity;
  std::vector<LogicalCpu> cpus;  // online ones, ascending
  std::vector<Cache> caches;     // each once, by level, type, first CPU
  int packages = 0;
  int cores = 0;
  int numa_nodes = 0;
  std::int64_t memory_bytes = 0;
  std::vector<int> allowed;  // the logical CPUs that this process may use, ascending
  std::string source;        // "hwloc 2.9.0" or "sysfs"

  const LogicalCpu* find(int cpu) const;
  /// The logical CPUs of the same core, ascending, `cpu` among them.
  std::vector<int> siblings_of(int cpu) const;
};

/// This machine, by hwloc where it was built in and succeeds, else by sysfs. Takes some milliseconds.
/// Sets and restores an environment variable (which keeps hwloc from loading GPU plugins): call it before
/// starting threads that read the environment.
Result<Topology> read_topology();

/// The same out of /proc and /sys below `root` alone; every CPU that is online there counts as allowed.
Result<Topology> topology_from_sysfs(const std::filesystem::path& root);

/// For the manifest: counts, caches summed up by level, flags; no list of every logical CPU but `allowed`.
Json to_json(const Topology& topology);

/// `threads` logical CPUs to run on, in the order in which threads should take them; all allowed ones if there are
/// fewer. One per physical core first, SMT siblings only when the cores are used up; performance cores before
/// efficiency cores; one package (NUMA node) before the next; the core of CPU 0, where most interrupts land, last.
std::vector<int> choose_cpus(const Topology& topology, int threads);

}  // namespace assay::hardware
