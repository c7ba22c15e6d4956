// A serial line as a file descriptor: a board's tty, or a pseudo-terminal whose other end an emulator or a test has.
#pragma once

#include <optional>
#include <string>

#include "harness/core/protocol.hpp"

namespace assay::mcu {

/// Closes what it owns.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }
  int release();

 private:
  int fd_ = -1;
};

/// Why `path` can't be opened for reading and writing, with what mends it; nullopt if it can. Of a permission the group is named.
std::optional<std::string> tty_problem(const std::string& path);

/// Raw, eight bits, no flow control, exclusively ours, nothing of before left in it. unsupported, with the reason, if that can't be had.
protocol::Reply<Descriptor> open_tty(const std::string& path, int baud);

/// A pseudo-terminal: our end, and the other, raw, with its path. It is held open, so that ours can be read before anyone else has
/// opened it; that they are gone again must be learnt in another way.
struct PseudoTerminal {
  Descriptor ours, other;
  std::string path;
};
protocol::Reply<PseudoTerminal> open_pseudo_terminal();

}  // namespace assay::mcu
