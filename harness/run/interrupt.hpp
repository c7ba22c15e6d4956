// Ctrl-C and its relatives, as a flag that every wait looks at.
#pragma once

#include <atomic>

namespace assay::run {

/// Set by the signal handler that `cli/` installs; waits then end early and the run closes in order.
using InterruptFlag = std::atomic<bool>;

}  // namespace assay::run
