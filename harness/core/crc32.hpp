// CRC-32 as zlib and Ethernet have it: tells bytes that a serial line has altered from those that it hasn't.
#pragma once

#include <cstdint>
#include <span>

namespace assay {

inline std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

}  // namespace assay
