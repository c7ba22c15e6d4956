// From a planned treatment to a process: command line, environment, CPUs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/keeper.hpp"

namespace assay::run {

/// What `cli/` knows of the machine and hands down: run/ itself reads no topology.
struct Machine {
  std::vector<int> cpus;            // CPUs that may be used, best first: a treatment with k threads gets the first k
  std::vector<int> cores;           // one of them for each physical core, best first: where the sides of a duet run
  Json facts = Json::object();      // for the manifest: topology, environment, clock, counters
  std::filesystem::path libexec;    // peak worker, counter library
  std::string assay_executable;     // {assay}
};

/// A treatment as a worker or script gets it.
struct Assigned {
  Treatment levels;                 // factors and controls, "all" resolved, `seed` from the plan if it has one
  std::vector<int> cpus;            // empty: not bound
  std::uint64_t seed = 0;
  std::int64_t memory_bytes = 0;
};

/// Resolves the reserved names `threads`, `cpus`, `memory_bytes` and `seed`. An Error if the machine has too few CPUs.
Result<Assigned> assign(const Treatment& assignment, const plan::Limits& limits, const Machine& machine,
                        std::uint64_t round_seed);

/// Thread pools bound and passive, counter library, which set of counters (`round`'s number: sets take turns over the
/// rounds), environment padding of `padding` bytes.
std::vector<std::pair<std::string, std::string>> environment_for(const Assigned& assigned, const Machine& machine,
                                                                 int padding, int round = 0);

/// Bytes of environment padding for a replicate: 0…4095 from the seed, so that stack layout varies (Mytkowicz 2009).
int padding_of(std::uint64_t seed, int round, int replicate);

}  // namespace assay::run
