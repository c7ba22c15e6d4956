// QEMU as a board: a process whose serial line is a pseudo-terminal. It is killed with its owner, and never outlives a limit.
//
//     auto emulator = mcu::Emulator::start({.board = board, .elf = "lenet5.elf", .inputs = "images.bin"});
//     if (!emulator.ok()) refuse(emulator.ending);                   // QEMU missing, too old, or gone at once, with its own words
//     mcu::Link link(emulator.value->line());
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "hardware/mcu/board.hpp"
#include "hardware/mcu/memory_file.hpp"
#include "hardware/mcu/tty.hpp"
#include "harness/core/protocol.hpp"

namespace assay::mcu {

struct Version {
  int major = 0, minor = 0, patch = 0;
  std::string text() const;
  auto operator<=>(const Version&) const = default;
};

/// Of the qemu-system-arm on PATH; unsupported if there is none, it doesn't say within seconds, or it is older than 4.2.
protocol::Reply<Version> emulator_version();

/// A path as a value among QEMU's options, where a comma stands doubled.
std::string option_value(const std::filesystem::path& path);

struct EmulatorSettings {
  const Board& board;
  std::filesystem::path elf;
  std::filesystem::path inputs;  // loaded into the board's window; empty: none
  std::string plugin;            // QEMU's -plugin argument; empty: none
};

class Emulator {
 public:
  static protocol::Reply<Emulator> start(const EmulatorSettings& settings);
  Emulator(Emulator&& other) noexcept;
  Emulator& operator=(Emulator&&) = delete;
  /// Kills it.
  ~Emulator();

  int line() const { return terminal_.ours.get(); }
  /// Of a process that has ended: how, with the last it wrote to standard error. nullopt while it lives.
  std::optional<Ending> ended();

 private:
  Emulator(pid_t pid, PseudoTerminal terminal, MemoryFile log);
  pid_t pid_ = -1;
  PseudoTerminal terminal_;
  MemoryFile log_;
  std::optional<Ending> ending_;  // once it is known
};

}  // namespace assay::mcu
