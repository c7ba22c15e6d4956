// What an emulated Cortex-M4 executed, address by address: the file that count_plugin.c writes, together with the program.
//
//     const auto windows = read_windows("counts.txt", halfwords_of(flash_image, 0x00000000));
//     if (!windows) return fail(windows.error());
//     total_of(windows->front()).loads                        // 284,112
//
// The counts are exact and the same in every run; what they say about time is a model, see cycle_model.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "hardware/mcu/counting/thumb.hpp"
#include "harness/core/result.hpp"

namespace assay::mcu {

/// The program's halfword at an even address; none where it has none.
using FetchHalfword = std::function<std::optional<std::uint16_t>(std::uint32_t address)>;

/// Of little-endian bytes that lie at `origin`. Borrows them.
FetchHalfword halfwords_of(std::span<const std::byte> image, std::uint32_t origin);

struct Line {
  std::uint32_t address = 0;
  std::uint64_t executions = 0;
  std::uint64_t taken = 0;        // how often the next executed instruction wasn't the one behind this one
  std::uint64_t flash_loads = 0;  // words, or less, that it loaded from flash
  Instruction instruction;
  bool conditional = false;       // in an IT block: executions in which its condition failed are among them

  friend bool operator==(const Line&, const Line&) = default;
};

/// What was executed between two marks, without them.
struct Window {
  std::uint64_t instructions = 0;
  std::vector<Line> lines;  // by address, each executed at least once
};

/// Executions, not words, unless it says so.
struct Totals {
  std::uint64_t instructions = 0;
  std::uint64_t loads = 0;   // of all instructions that load: LDM, POP {…, PC}, TBB and VLDR too
  std::uint64_t stores = 0;
  std::uint64_t branches = 0;
  std::uint64_t branches_taken = 0;
  std::uint64_t multiplies = 0;   // integer multiply and multiply-accumulate instructions: a SMLAD is one
  std::uint64_t fp = 0;           // floating-point arithmetic, without loads, stores and moves
  std::uint64_t flash_loads = 0;  // words
  /// How often the flow left an instruction that is no branch: an exception was taken within the window, so that its
  /// handler's instructions were counted too. 0 in a clean measurement.
  std::uint64_t exceptions = 0;
  std::array<std::uint64_t, kClasses> by_class{};

  std::uint64_t of(Class kind) const { return by_class[static_cast<std::size_t>(kind)]; }
};

Totals total_of(const Window& window);

/// All windows of a file, in order. An Error names the line: the form is another than count_plugin.c's, the file ends within
/// a window, a sum is wrong, or `fetch` gives another instruction than the one that was executed.
Result<std::vector<Window>> parse_windows(std::string_view text, const FetchHalfword& fetch,
                                          std::string_view name = "instruction counts");
Result<std::vector<Window>> read_windows(const std::filesystem::path& file, const FetchHalfword& fetch);

}  // namespace assay::mcu
