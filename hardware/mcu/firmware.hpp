// A firmware on a board, ready to be spoken to: found among what the build made, started in the emulator or met at the end of a tty.
//
//     mcu::Firmware firmware = mcu::Firmware::start({.places = places, .board = "mps2-an386", .firmware = "lenet5/mnist/6_best"});
//     firmware.link().infer(1, 0, 60);
//
// What can't be had is a worker's Refusal, with the reason: over the part's memory, no QEMU, no board, another firmware on it.
//
// A board whose image other tools build (Board::image) has no ELF file here: of it no sizes are known, and a fault names no function.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "hardware/mcu/board.hpp"
#include "hardware/mcu/elf.hpp"
#include "hardware/mcu/emulator.hpp"
#include "hardware/mcu/link.hpp"
#include "hardware/mcu/memory_file.hpp"
#include "harness/worker/workload.hpp"

namespace assay::mcu {

/// The reply's value; a reply that failed is thrown as a Refusal, which becomes the worker's answer.
template <class T>
T had(protocol::Reply<T> reply) {
  if (!reply.ok()) throw worker::Refusal{reply.ending};
  return *std::move(reply.value);
}

/// Where a build or an installation has its boards and images.
struct Places {
  std::filesystem::path boards;    // <prefix>/share/assay/mcu; sketches are below it too
  std::filesystem::path firmware;  // <prefix>/libexec/assay/mcu
};

struct FirmwareSettings {
  Places places;
  std::string board;
  std::string part;                // empty: the board's first
  std::string firmware;            // below <firmware>/<board>/<part>, without .elf
  std::string model;               // that the device must say it is
  std::string port;                // of a serial board; empty: the only one there is
};

/// Sizes as the linker has them.
struct ImageSizes {
  std::int64_t flash_bytes = 0;    // code, constants, and what initialises variables
  std::int64_t ram_bytes = 0;      // variables, without stacks
  std::int64_t weight_bytes = 0;   // the constants that are named as layers are: conv…, fc…
};

class Firmware {
 public:
  /// `inputs`: put into the emulated board's window, one behind the other; a serial board has none.
  static Firmware start(const FirmwareSettings& settings, std::span<const std::uint8_t> inputs);

  DeviceLink& link() { return *link_; }
  const Device& device() const { return device_; }
  const Board& board() const { return board_; }
  const Part& part() const { return part_; }
  const Elf* elf() const { return elf_.get(); }  // nullptr where other tools built the image
  const std::string& elf_sha256() const { return elf_sha256_; }  // empty without one
  std::optional<ImageSizes> sizes() const;
  bool is_emulated() const { return board_.link == Link::emulator; }

  /// The instructions of one call of the work, address by address, as the plugin counts them in a process of its own, which is given
  /// the settings and the window's i-th input, if any, before: what it wrote. unsupported where it can't be had.
  protocol::Reply<MemoryFile> count_by_address(std::optional<std::int64_t> i, const std::vector<std::pair<std::string, std::int64_t>>& settings,
                                                  double limit_s) const;

 private:
  Firmware() = default;
  void load_elf(const FirmwareSettings& settings);
  void open_line(const std::string& port);

  Board board_;
  Part part_;
  std::filesystem::path elf_file_, plugins_;
  MemoryFile inputs_file_;
  std::string elf_sha256_;
  std::unique_ptr<Elf> elf_;
  std::unique_ptr<Emulator> emulator_;
  Descriptor tty_;
  std::unique_ptr<DeviceLink> link_;
  Device device_;
};

}  // namespace assay::mcu
