#include "harness/core/crc32.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"

using namespace assay;

namespace {
std::uint32_t crc_of(std::string_view text) { return crc32(std::vector<std::uint8_t>(text.begin(), text.end())); }
}  // namespace

TEST_CASE("CRC-32 of known texts") {
  CHECK(crc_of("") == 0);
  CHECK(crc_of("123456789") == 0xCBF43926);  // the catalogue's check value of CRC-32/ISO-HDLC
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339);
  CHECK(crc_of(std::string_view("\0\0\0\0", 4)) == 0x2144DF1C);
  CHECK(crc32(std::vector<std::uint8_t>(32, 0xFF)) == 0xFF6CAB0B);
}

TEST_CASE("every single altered bit alters the CRC") {
  std::vector<std::uint8_t> bytes(100, 0x5A);
  const std::uint32_t whole = crc32(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK(crc32(bytes) != whole);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}
