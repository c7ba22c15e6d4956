// One measuring run a machine at a time: a second one waits, since each would be the other's noise.
#pragma once

#include <functional>

#include "harness/core/result.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::run {

class MachineLock {
 public:
  /// Takes the lock, calling `waiting` once if another run holds it. An Error only if interrupted while waiting;
  /// where no lock file can be made at all, goes on without (and `waiting` is not called).
  static Result<MachineLock> take(const InterruptFlag& interrupt, const std::function<void()>& waiting);
  MachineLock(MachineLock&& other) noexcept;
  MachineLock& operator=(MachineLock&&) = delete;
  ~MachineLock();

 private:
  explicit MachineLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace assay::run
