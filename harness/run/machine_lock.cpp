#include "harness/run/machine_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <utility>

namespace assay::run {

namespace {

constexpr const char* kLockFile = "/tmp/assay-measuring.lock";  // one place for every user of the machine

int open_lock() {
  // In a sticky folder the kernel may refuse O_CREAT on another user's file; reading is enough for flock.
  int fd = open(kLockFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) fd = open(kLockFile, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd >= 0) fchmod(fd, 0666);
  return fd;
}

}  // namespace

Result<MachineLock> MachineLock::take(const InterruptFlag& interrupt, const std::function<void()>& waiting) {
  const int fd = open_lock();
  MachineLock lock(fd);
  for (bool told = false; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; told = true) {
    if (!told) waiting();
    if (interrupt) return Error{"interrupted while waiting for another measuring run to end; nothing was started"};
    const timespec pause{0, 100'000'000};
    nanosleep(&pause, nullptr);
  }
  return lock;
}

MachineLock::MachineLock(MachineLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
MachineLock::~MachineLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace assay::run
