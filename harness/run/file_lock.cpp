#include "harness/run/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace assay::run {

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

int open_lock(const std::filesystem::path& file) {
  // In a sticky folder the kernel may refuse O_CREAT on another user's file; reading is enough for flock.
  int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0) return fd;
  fd = ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd >= 0) ::fchmod(fd, 0644);  // whatever the umask: the next user must be able to read it
  return fd;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file, const std::string& holder, const InterruptFlag& interrupt,
                                const std::function<void(const std::string&)>& note) {
  FileLock lock(open_lock(file));
  for (bool told = false; lock.fd_ >= 0 && ::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; told = true) {
    if (!told) note("waiting: " + holder);
    if (interrupt) return Error{"interrupted while waiting (" + holder + "); nothing was started"};
    std::this_thread::sleep_for(kLook);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileLock> lock_machine(const InterruptFlag& interrupt, const std::function<void(const std::string&)>& note) {
  return FileLock::take("/tmp/assay-measuring.lock", "another assay run is measuring on this machine", interrupt, note);
}

}  // namespace assay::run
