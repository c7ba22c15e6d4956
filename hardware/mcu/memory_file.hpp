// A file that is only in memory and gone with the last process that has it open, however that one ends: what an emulator is given to
// read or to write. A child inherits it, and finds it under the same path.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>

#include "hardware/mcu/tty.hpp"

namespace assay::mcu {

class MemoryFile {
 public:
  MemoryFile() = default;  // none

  /// Holds `bytes`. Not open if the system has no memory for it.
  static MemoryFile with(const char* name, std::span<const std::uint8_t> bytes) {
    MemoryFile file;
    file.descriptor_ = Descriptor(::memfd_create(name, 0));
    while (file.descriptor_.get() >= 0 && !bytes.empty()) {
      const ssize_t wrote = ::write(file.descriptor_.get(), bytes.data(), bytes.size());
      if (wrote <= 0) return {};
      bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return file;
  }

  bool is_open() const { return descriptor_.get() >= 0; }
  int descriptor() const { return descriptor_.get(); }
  /// Empty if it isn't open.
  std::filesystem::path path() const { return is_open() ? "/proc/self/fd/" + std::to_string(descriptor_.get()) : std::string(); }

 private:
  Descriptor descriptor_;
};

}  // namespace assay::mcu
