// The most floating-point work that this processor does in a second, as a loop that can stand in the same rounds as the
// kernels that are compared with it: on a shared machine the peak itself halves when a neighbour is busy.
//
//     auto peak = make_peak_loop({.precision = Precision::f64, .threads = 2});
//     if (!peak) return fail(peak.error());
//     (*peak)->run(100);                                   // time this: 100 × flop_per_iteration()
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hardware/cpu/ceiling.hpp"
#include "hardware/cpu/peak_kernels.hpp"
#include "harness/core/result.hpp"

namespace assay::hardware {

struct PeakSettings {
  Precision precision = Precision::f64;
  int threads = 1;
  std::string isa;        // "" is the best that this processor has
  std::vector<int> cpus;  // if there are at least `threads`, thread i is bound to cpus[i]; else nobody is bound
};

/// Starts the threads. An iteration takes about 50 to 200 µs. An Error says what the processor lacks.
Result<std::unique_ptr<CeilingLoop>> make_peak_loop(const PeakSettings& settings);

}  // namespace assay::hardware
