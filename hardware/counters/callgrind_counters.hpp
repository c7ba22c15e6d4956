// Counts that an emulator made: a worker that runs under Valgrind's Callgrind, asked for by `[counters] simulate`, reports
// them instead of the processor's. The same instructions and the same caches every time, and no machine was measured.
//
//     if (auto simulated = callgrind_counters()) use(*simulated);     // null outside of Callgrind
//
// Callgrind runs cachegrind's model of caches and branch predictor, and unlike cachegrind can be told when a block begins.
#pragma once

#include <memory>
#include <string_view>

#include "harness/core/result.hpp"
#include "harness/worker/counter_source.hpp"

namespace assay::hardware {

/// instructions, l1d_misses, llc_misses, branch_misses; or null if this process isn't under Callgrind with
/// ASSAY_CALLGRIND_OUT (its --callgrind-out-file without the process's number). Caches stay warm from block to block.
std::unique_ptr<worker::CounterSource> callgrind_counters();

/// The same out of the text of one of Callgrind's files, which names its events and gives their totals.
Result<Json> callgrind_totals(std::string_view text);

}  // namespace assay::hardware
