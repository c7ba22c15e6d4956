// What this machine gives at most, all of it, in well under a minute: floating point, bandwidth of every cache level and of
// the memory, latency; on one thread and on all. Tables and rooflines take their upper bounds from it where a limit doesn't
// ride along in the experiment's own rounds.
//
//     const MachineSheet sheet = measure_machine_sheet(topology, cpus, [] { return false; });
//     manifest["machine"]["sheet"] = to_json(sheet);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hardware/cpu/topology.hpp"
#include "harness/core/json.hpp"

namespace assay::hardware {

/// One loop on one number of threads. `low` and `high` are its slowest and fastest slice: of nine slices, an interval of
/// the median with more than 99 % if they were independent, which those of one process are not quite.
struct Ceiling {
  std::string loop;       // "fma", "read", "write", "copy", "triad", "latency"
  std::string precision{};  // "f64" or "f32" of fma, else empty
  std::string level{};    // "l1" … "dram"; empty of fma
  int threads = 1;
  std::string isa{};
  std::string unit{};  // "FLOP/s", "B/s", "s"
  double value = 0, low = 0, high = 0;  // median and range of the slices
  int slices = 0;
  std::string reason{};  // why there is no value, or empty
};

struct LevelCapacity {
  std::string level;
  int threads = 1;
  std::int64_t bytes = 0;  // of the caches that these threads have, together
};

struct MachineSheet {
  std::vector<LevelCapacity> levels;
  std::vector<Ceiling> ceilings;
  double seconds = 0;  // that the measurement took
};

/// `cpus`: as choose_cpus gave them; one thread runs on the first, as many as there are CPUs on all. `should_stop` is asked
/// between slices; then what has been measured so far comes back.
MachineSheet measure_machine_sheet(const Topology& topology, const std::vector<int>& cpus,
                                   const std::function<bool()>& should_stop);

Json to_json(const MachineSheet& sheet);

}  // namespace assay::hardware
