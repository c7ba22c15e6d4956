// Where counters come from, as a worker sees it. hardware/counters implements it; a worker without it runs
// the same and reports no counters.
#pragma once

#include "harness/core/json.hpp"

namespace assay::worker {

class CounterSource {
 public:
  virtual ~CounterSource() = default;

  /// Opens what can be opened. Called once, in `prepare`, before the workload creates threads.
  virtual void open() = 0;
  /// Around the timed block only. Neither allocates.
  virtual void start() = 0;
  virtual void stop() = 0;
  /// Of the last block: name → number, or name → {"reason": why it can't be had}. Totals, not per iteration.
  virtual Json read() const = 0;
};

}  // namespace assay::worker
