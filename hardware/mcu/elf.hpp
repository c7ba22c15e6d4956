// What is needed of a firmware's ELF file: symbols, and the code as it lies in flash.
//
//     const auto elf = mcu::Elf::load("lenet5.elf");
//     elf->symbol("assay_ram_bytes")->value;      elf->function_at(0x1a3c) == "lenet_infer";
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::mcu {

class Elf {
 public:
  struct Symbol {
    std::string name;
    std::uint32_t value = 0, size = 0;  // of a Thumb function the value is its address, without the lowest bit
    bool is_function = false, is_object = false;
  };

  /// An Error names the file that can't be read, is no ELF, is for another processor than a 32-bit Arm, or is cut short.
  static Result<Elf> load(const std::filesystem::path& file);
  static Result<Elf> parse(std::string bytes, const std::string& name);

  const Symbol* symbol(std::string_view name) const;
  const std::vector<Symbol>& symbols() const { return symbols_; }
  /// The function that holds the address; empty if none does.
  std::string function_at(std::uint32_t address) const;
  /// The halfword at an address of a loaded segment's file image.
  std::optional<std::uint16_t> halfword(std::uint32_t address) const;

 private:
  struct Segment {
    std::uint32_t address = 0, offset = 0, bytes = 0;
  };
  std::string bytes_;
  std::vector<Segment> segments_;
  std::vector<Symbol> symbols_;
};

}  // namespace assay::mcu
