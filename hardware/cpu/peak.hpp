// The most floating-point work that this processor does in a second, as a loop that can stand in the same rounds as the
// kernels that are compared with it: on a shared machine the peak itself halves when a neighbour is busy.
//
//     auto peak = PeakLoop::make({.precision = Precision::f64, .threads = 2});
//     if (!peak) return fail(peak.error());
//     (*peak)->run(100);                                   // time this: 100 × flop_per_iteration()
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/cpu/peak_kernels.hpp"
#include "harness/core/result.hpp"

namespace assay::hardware {

struct PeakSettings {
  Precision precision = Precision::f64;
  int threads = 1;
  std::string isa;        // "" is the best that this processor has
  std::vector<int> cpus;  // if there are at least `threads`, thread i is bound to cpus[i]; else nobody is bound
};

class PeakLoop {
 public:
  /// Starts the threads, once: starting them is never part of a run. An Error says what the processor lacks.
  static Result<std::unique_ptr<PeakLoop>> make(const PeakSettings& settings);
  virtual ~PeakLoop() = default;

  /// `iterations` ≥ 1 on every thread, about 50 to 200 µs each; returns when all are done. Between runs the threads
  /// sleep, after 50 µs of watching for the next one.
  virtual void run(std::int64_t iterations) = 0;
  /// Forgets the result of the last run, so that max_error() is infinite until the next.
  virtual void poison() = 0;
  /// The largest relative distance of a lane's sum over the last run from its exact value: 0 if all work was done.
  virtual double max_error() const = 0;
  /// By all threads together.
  virtual double flop_per_iteration() const = 0;
  virtual std::string_view isa() const = 0;
};

}  // namespace assay::hardware
