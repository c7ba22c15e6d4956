// A firmware's ELF file of a few hundred bytes: one loaded segment with four halfwords at 0x100, and five symbols.
#pragma once

#include <cstdint>
#include <string>

namespace assay::mcu {

inline std::string small_elf() {
  std::string bytes;
  const auto number = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
  };
  const std::string names("\0work\0fc1\0assay_ram_bytes\0elsewhere\0", 36);
  constexpr std::uint32_t kCode = 52 + 32, kSymbols = kCode + 8, kSymbolBytes = 5 * 16, kNames = kSymbols + kSymbolBytes, kSections = kNames + 36;

  bytes = std::string("\177ELF\1\1\1", 7) + std::string(9, '\0');
  number(2, 2);           // e_type: executable
  number(40, 2);          // e_machine: Arm
  number(1, 4);
  number(0x101, 4);       // e_entry
  number(52, 4);          // e_phoff
  number(kSections, 4);   // e_shoff
  number(0x05000200, 4);  // e_flags
  number(52, 2);
  number(32, 2);
  number(1, 2);           // e_phnum
  number(40, 2);
  number(3, 2);           // e_shnum
  number(2, 2);

  for (const std::uint32_t field : {1U, kCode, 0x100U, 0x100U, 8U, 8U, 5U, 4U}) number(field, 4);  // PT_LOAD

  for (const std::uint32_t halfword : {0x4770U, 0xBF00U, 0xBF00U, 0x1234U}) number(halfword, 2);

  const auto symbol = [&](std::uint32_t name, std::uint32_t value, std::uint32_t size, std::uint32_t type, std::uint32_t section) {
    number(name, 4);
    number(value, 4);
    number(size, 4);
    number(type, 1);
    number(0, 1);
    number(section, 2);
  };
  symbol(0, 0, 0, 0, 0);
  symbol(1, 0x101, 6, 0x12, 1);      // work, a function
  symbol(6, 0x200, 480, 0x11, 1);    // fc1, an object
  symbol(10, 1234, 0, 0x10, 0xFFF1); // assay_ram_bytes, a number
  symbol(26, 0x300, 4, 0x12, 0);     // elsewhere, undefined
  bytes += names;

  const auto section = [&](std::uint32_t type, std::uint32_t offset, std::uint32_t size, std::uint32_t link) {
    for (const std::uint32_t field : {0U, type, 0U, 0U, offset, size, link, 0U, 4U, 0U}) number(field, 4);
  };
  section(0, 0, 0, 0);
  section(2, kSymbols, kSymbolBytes, 2);
  section(3, kNames, 36, 0);
  return bytes;
}

}  // namespace assay::mcu
