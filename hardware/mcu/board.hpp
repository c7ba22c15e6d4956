// Boards and parts, as data: hardware/mcu/boards/*.json says how a microcontroller is reached, hardware/mcu/parts/*.json how much
// memory the chip has. An emulated board stands in for any of its parts, and has no more memory than that.
//
//     const auto boards = mcu::load_boards(folder);              // <prefix>/share/assay/mcu
//     const mcu::Board* board = mcu::find(boards->boards, "mps2-an386");
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::mcu {

/// A chip: what a model must fit into.
struct Part {
  std::string name, title;
  std::int64_t flash_bytes = 0, ram_bytes = 0;
  bool has_fpu = false;
  double clock_hz = 0;
  /// Cycles that a word read from flash waits, as the cycle model takes them; its low is 0.
  double flash_wait = 0, flash_wait_high = 0;
};

enum class Link { emulator, serial };

struct Board {
  std::string name, title;
  Link link = Link::serial;
  std::vector<std::string> parts;  // that it is, or stands in for; the first is the default
  bool tried_on_hardware = false;  // an emulated one needs none
  std::uint32_t flash_origin = 0;
  std::string image;               // whose tools build and flash it: "arduino"; empty: this build links it
  // Of an emulated one:
  std::string machine, cpu;        // QEMU's words
  std::uint32_t window_origin = 0; // memory that inputs are put into before it starts
  std::int64_t window_bytes = 0;
  int icount_shift = 0;            // an instruction is 2^shift ns of virtual time
  // Of a serial one:
  std::vector<std::string> ports;  // patterns of tty paths, e.g. /dev/ttyACM*
  int baud = 115200;
};

struct Boards {
  std::vector<Board> boards;
  std::vector<Part> parts;
};

/// Both sorted by name. An Error names the file that can't be read or lacks something; a folder that isn't there has no boards.
Result<Boards> load_boards(const std::filesystem::path& folder);

template <class Named>
const Named* find(const std::vector<Named>& all, std::string_view name) {
  for (const Named& one : all) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

template <class Named>
std::string names_of(const std::vector<Named>& all) {
  std::string names;
  for (const Named& one : all) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

/// The ttys that are there now and match the board's patterns, sorted.
std::vector<std::string> ports_of(const Board& board);

/// What a person reads of a board: whether it can be used here and now, or why not and what would mend it.
struct Availability {
  bool available = false;
  std::string text;  // "QEMU 7.2.22", "/dev/ttyACM0; never tried on this board by Assay's authors", "needs the program …"
};
Availability availability(const Board& board);

}  // namespace assay::mcu
