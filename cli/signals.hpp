// Ctrl-C, SIGTERM and SIGHUP end a run in order: the block in flight is dropped, workers end, the journal is closed.
#pragma once

#include "harness/run/interrupt.hpp"

namespace assay::cli {

/// Installs the handlers; a second signal of the same kind ends the program at once.
void catch_interrupts();
const run::InterruptFlag& interrupted();

}  // namespace assay::cli
