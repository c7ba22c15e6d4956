#include "hardware/mcu/tty.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace assay::mcu {

namespace {

Ending unsupported(std::string reason) { return {Outcome::unsupported, std::move(reason)}; }

/// What `open` or `access` said of the path, for people.
std::string problem_of(const std::string& path, int error) {
  if (error == ENOENT) return fmt::format("{} is not there → plug the board in", path);
  if (error == EBUSY || error == EWOULDBLOCK) return fmt::format("{} is in use → close the program that has it open", path);
  struct stat status {};
  if (error != EACCES || ::stat(path.c_str(), &status) != 0) return fmt::format("{}: {}", path, std::strerror(error));
  const group* owner = ::getgrgid(status.st_gid);
  const std::string name = owner ? owner->gr_name : std::to_string(status.st_gid);
  return fmt::format("{}: no permission; it belongs to the group {} → sudo usermod -aG {} \"$USER\", then log in again", path, name, name);
}

speed_t speed_of(int baud) {
  switch (baud) {
    case 9600: return B9600;
    case 57600: return B57600;
    case 230400: return B230400;
    case 460800: return B460800;
    case 921600: return B921600;
    case 1000000: return B1000000;
    default: return B115200;
  }
}

bool make_raw(int fd, speed_t speed) {
  termios settings{};
  if (::tcgetattr(fd, &settings) != 0) return false;
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS | CSTOPB);
  ::cfsetispeed(&settings, speed);
  ::cfsetospeed(&settings, speed);
  return ::tcsetattr(fd, TCSANOW, &settings) == 0;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

std::optional<std::string> tty_problem(const std::string& path) {
  if (::access(path.c_str(), R_OK | W_OK) == 0) return std::nullopt;
  return problem_of(path, errno);
}

protocol::Reply<Descriptor> open_tty(const std::string& path, int baud) {
  Descriptor tty(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));  // a modem's line would wait for a carrier
  if (tty.get() < 0) return {std::nullopt, unsupported(problem_of(path, errno))};
  if (::isatty(tty.get()) == 0) return {std::nullopt, unsupported(fmt::format("{} is no tty", path))};
  // The lock is for root, whom TIOCEXCL lets pass.
  if (::flock(tty.get(), LOCK_EX | LOCK_NB) != 0 || ::ioctl(tty.get(), TIOCEXCL) != 0 || !make_raw(tty.get(), speed_of(baud))) return {std::nullopt, unsupported(problem_of(path, errno))};
  ::tcflush(tty.get(), TCIOFLUSH);
  return {std::move(tty), {}};
}

protocol::Reply<PseudoTerminal> open_pseudo_terminal() {
  Descriptor ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  char path[128];
  if (ours.get() < 0 || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0 || ::ptsname_r(ours.get(), path, sizeof path) != 0) {
    return {std::nullopt, unsupported(fmt::format("no pseudo-terminal can be had: {}", std::strerror(errno)))};
  }
  Descriptor other(::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));  // raw before anyone writes, or the first bytes come back
  if (other.get() < 0 || !make_raw(other.get(), B115200)) return {std::nullopt, unsupported(problem_of(path, errno))};
  return {PseudoTerminal{std::move(ours), std::move(other), path}, {}};
}

}  // namespace assay::mcu
