#include "hardware/mcu/fault.hpp"

#include <fmt/format.h>

#include <charconv>

namespace assay::mcu {

namespace {

constexpr std::string_view kBegin = "assay-fault-[";
constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
constexpr std::uint32_t kNearStack = 64 * 1024;  // bytes below the stack that an overflow reaches

/// Bits of the Configurable Fault Status Register (Armv7-M Architecture Reference Manual, B3.2.15).
struct Cause {
  unsigned bit;
  const char* text;
};
constexpr Cause kCauses[] = {{0, "it executed what is no code"},
                             {1, "it read or wrote where there is no memory for it"},
                             {3, "the frame of an interrupt couldn't be read back"},
                             {5, "the FPU's registers couldn't be stacked"},
                             {8, "it fetched an instruction from a bus that answers with an error"},
                             {9, "it accessed a bus that answers with an error"},
                             {10, "an earlier write reached a bus that answers with an error"},
                             {16, "it executed an undefined instruction"},
                             {17, "it left the Thumb state"},
                             {18, "it returned to an address that is none"},
                             {19, "it used the FPU, which is off or absent"},
                             {24, "it accessed a word at an odd address"},
                             {25, "it divided by zero"}};
constexpr std::uint32_t kNotStacked = 1U << 4 | 1U << 12;

std::optional<std::uint32_t> field(std::string_view line, std::string_view name) {
  const std::string key = fmt::format("{}=", name);
  for (std::size_t at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    if (at > 0 && line[at - 1] != ' ' && line[at - 1] != '[') continue;
    const char* first = line.data() + at + key.size();
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(first, line.data() + line.size(), value, 16);
    if (error == std::errc() && end != first) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Fault> parse_fault(std::string_view line) {
  if (!line.starts_with(kBegin)) return std::nullopt;
  Fault fault;
  fault.pc = field(line, "pc").value_or(0);
  fault.is_exact = field(line, "exact") == 1U;
  fault.cfsr = field(line, "cfsr").value_or(0);
  fault.hfsr = field(line, "hfsr").value_or(0);
  fault.address = field(line, "address").value_or(kUnknown);
  fault.sp = field(line, "sp").value_or(0);
  fault.stack_low = field(line, "stack").value_or(0);
  return fault;
}

std::string describe(const Fault& fault, const Elf* elf) {
  const bool near_stack = fault.address != kUnknown && fault.address < fault.stack_low && fault.stack_low - fault.address <= kNearStack;
  const bool overflow = (fault.cfsr & kNotStacked) || fault.sp < fault.stack_low || near_stack;
  const bool memory = fault.cfsr & 0xFF, bus = fault.cfsr & 0xFF00;
  const std::string kind = overflow ? "stack overflow" : memory ? "memory fault" : bus ? "bus fault" : fault.cfsr ? "usage fault" : "hard fault";
  std::string text = kind;
  if (fault.pc != 0) {
    const std::string function = elf ? elf->function_at(fault.pc) : "";
    text += fmt::format(" {} PC 0x{:08x}{}", fault.is_exact ? "at" : "near", fault.pc, function.empty() ? "" : " in " + function);
  }
  for (const Cause& cause : kCauses) {
    if (!overflow && (fault.cfsr >> cause.bit & 1)) text += fmt::format(": {}", cause.text);
  }
  if (fault.address != kUnknown) text += fmt::format(", address 0x{:08x}", fault.address);
  return text + fmt::format(" (CFSR 0x{:08x}, HFSR 0x{:08x})", fault.cfsr, fault.hfsr);
}

}  // namespace assay::mcu
