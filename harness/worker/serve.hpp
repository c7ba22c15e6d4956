// Speaks the worker protocol on standard input and output for one Workload.
#pragma once

#include "harness/core/statistic.hpp"
#include "harness/worker/counter_source.hpp"
#include "harness/worker/workload.hpp"

namespace assay::worker {

/// Answers requests until `quit` or end of file; returns the exit status for main. Takes the dialogue away from
/// file descriptors 0 and 1 first: 1 becomes standard error and 0 the null device, so that neither a library's
/// printf nor a child process can spoil it.
///
/// A `run` settles (untimed), poisons the outputs, starts the counters, and times `steps` and `synchronize` with
/// CLOCK_MONOTONIC; nothing between the two clock readings allocates. With `samples`, every iteration is followed by
/// `synchronize`, and `elapsed` is the sum; such a block has at most kMostSamples iterations.
///
/// `counters` may be null.
int serve(Workload& workload, CounterSource* counters = nullptr);

}  // namespace assay::worker
