// Speaks the worker protocol on standard input and output for one Workload.
#pragma once

#include "harness/worker/counter_source.hpp"
#include "harness/worker/workload.hpp"

namespace assay::worker {

/// Answers requests until `quit` or end of file; returns the exit status for main. Moves the program's own
/// standard output to standard error first, so that a library's printf can't spoil the dialogue.
/// `counters` may be null.
int serve(Workload& workload, CounterSource* counters = nullptr);

}  // namespace assay::worker
