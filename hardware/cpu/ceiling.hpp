// A limit of the machine as a loop that can be timed: what the floating-point units, a cache or the memory give at most.
// As a treatment it stands in the same rounds as the kernels that are compared with it, because on a shared machine the
// limits themselves move.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay::hardware {

class CeilingLoop {
 public:
  virtual ~CeilingLoop() = default;

  /// `iterations` ≥ 1 on every thread; returns when all are done. Between runs the threads sleep.
  virtual void run(std::int64_t iterations) = 0;
  /// Forgets the result of the last run, so that max_error() is infinite until the next.
  virtual void poison() = 0;
  /// The largest relative error of what the last run left behind: 0 if all work was done.
  virtual double max_error() const = 0;
  /// Why the error must be 0, for the record.
  virtual std::string_view rule() const = 0;
  /// By all threads together; 0 where the loop is about something else.
  virtual double flop_per_iteration() const { return 0; }
  virtual double bytes_per_iteration() const { return 0; }
  virtual std::string_view isa() const = 0;
};

}  // namespace assay::hardware
