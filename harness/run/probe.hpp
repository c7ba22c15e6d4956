// Asks a worker process what assay itself must not link: which counters this machine gives.
#pragma once

#include "harness/core/json.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"

namespace assay::run {

/// Starts the peak worker for one short block. {"counters": name → value or {"reason":…}, "peak": {…}} or {"reason":…}.
Json probe_worker(const Machine& machine, const InterruptFlag& interrupt);

}  // namespace assay::run
