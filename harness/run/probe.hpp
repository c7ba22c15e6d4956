// Asks a worker process what assay itself must not link: which counters this machine gives, which kernels a library
// chooses.
#pragma once

#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/protocol.hpp"
#include "harness/core/result.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"

namespace assay::run {

/// Starts the peak worker for one short block. {"counters": name → value or {"reason":…}, "peak": {…}} or {"reason":…}.
Json probe_worker(const Machine& machine, const InterruptFlag& interrupt);

/// Starts `argv` as a worker of one thread and asks what it is. An Error is how that failed.
Result<protocol::Description> describe_worker(const std::vector<std::string>& argv, const Machine& machine,
                                              const InterruptFlag& interrupt);

}  // namespace assay::run
