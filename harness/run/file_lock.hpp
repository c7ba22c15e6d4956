// What only one process may do at a time, said by a lock on a file. It goes with its process, however that ends.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "harness/core/result.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::run {

class FileLock {
 public:
  /// Takes the lock, making the file if it isn't there. While somebody else has it, waits; `note` then gets one sentence, "waiting: " and
  /// `holder` ("another gate uses this reference"). An Error only if interrupted while waiting; where there can be no such file, goes on without.
  static Result<FileLock> take(const std::filesystem::path& file, const std::string& holder, const InterruptFlag& interrupt,
                               const std::function<void(const std::string&)>& note);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// One measuring run a machine at a time, whoever its user is: each would be the other's noise.
Result<FileLock> lock_machine(const InterruptFlag& interrupt, const std::function<void(const std::string&)>& note);

}  // namespace assay::run
