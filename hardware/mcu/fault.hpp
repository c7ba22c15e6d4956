// A fault of the processor, as device/start.c tells it in one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hardware/mcu/elf.hpp"

namespace assay::mcu {

struct Fault {
  std::uint32_t pc = 0;        // 0: unknown
  bool is_exact = false;       // else `pc` is the return address nearest on the stack: the frame could not be stacked
  std::uint32_t cfsr = 0, hfsr = 0;  // the fault status registers
  std::uint32_t address = 0xFFFFFFFF;  // that was accessed; all ones: not known
  std::uint32_t sp = 0, stack_low = 0;
};

/// Of "assay-fault-[pc=… exact=… …]"; nullopt of any other line.
std::optional<Fault> parse_fault(std::string_view line);

/// "stack overflow near PC 0x00001a3c in recurse: … (CFSR 0x00000092, HFSR 0x00000000)". `elf`, if any, gives functions' names.
std::string describe(const Fault& fault, const Elf* elf);

}  // namespace assay::mcu
