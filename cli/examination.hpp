// From what was seen of a machine to findings: judgement only, so that a test can hand it a machine that nobody has.
//
//     std::vector<Finding> findings = examine({.facts = machine.facts, .topology = topology, …});
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/blas_kernels.hpp"
#include "cli/finding.hpp"
#include "hardware/cpu/busy_processes.hpp"
#include "hardware/cpu/detours.hpp"
#include "hardware/cpu/huge_pages.hpp"
#include "hardware/cpu/topology.hpp"
#include "harness/core/json.hpp"

namespace assay::cli {

/// Variables that decide how thread pools wait; the doctor reads them from its own environment.
inline constexpr const char* kPoolVariables[] = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OMP_NUM_THREADS",
                                                 "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"};

/// A program that parts of Assay need, and what for.
struct Program {
  std::string name;
  std::string purpose;
  std::string remedy;  // of its absence; empty if it is there
};

struct Observations {
  Json facts = Json::object();       // as the manifest has them: environment, clock, counters, peak_flop_per_s
  Json environment_after;            // the environment again, after the measuring; null: it was not looked at again
  hardware::Topology topology;
  std::vector<int> cpus;             // as measurements use them, best first
  std::map<std::string, std::string> pool_variables;  // those of kPoolVariables that are set
  std::optional<hardware::CpuWatch> watch;            // of the first of `cpus`; absent where it wasn't measured
  std::vector<hardware::BusyProcess> busy;            // meanwhile, assay apart
  std::optional<hardware::PageCosts> pages;
  std::optional<BlasKernels> blas;
  std::vector<Program> programs;
};

/// In the order of a check-up: processor, clock rate, neighbours, memory, software; unsorted.
std::vector<Finding> examine(const Observations& seen);

}  // namespace assay::cli
