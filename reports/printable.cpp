#include "reports/printable.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

namespace assay::reports {

namespace {

struct Decoded {
  std::uint32_t character = 0;
  std::size_t bytes = 1;
};

/// The character that `text` begins with; nullopt if its first byte begins none (overlong, surrogate, cut off).
std::optional<Decoded> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return Decoded{first, 1};
  const std::size_t bytes = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (bytes == 0 || first > 0xF4 || text.size() < bytes) return std::nullopt;
  std::uint32_t character = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xD800 && character < 0xE000;
  if (character < kLeast[bytes] || character > 0x10FFFF || is_surrogate) return std::nullopt;
  return Decoded{character, bytes};
}

/// Controls, and what Unicode has for reordering, joining and hiding.
bool is_hidden(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x115F || c == 0x1160 || c == 0x180E ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 ||
         c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= most) return shown + "…";
    const auto decoded = decode(text);
    const std::size_t bytes = decoded ? decoded->bytes : 1;
    if (!decoded || (decoded->character < 0x100 && is_hidden(decoded->character))) {
      shown += fmt::format("\\x{:02x}", decoded ? decoded->character : static_cast<unsigned char>(text[0]));
    } else if (is_hidden(decoded->character)) {
      shown += fmt::format("\\u{:04x}", decoded->character);
    } else {
      shown += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return shown;
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto decoded = decode(text);
    if (!decoded || is_hidden(decoded->character)) return false;
    text.remove_prefix(decoded->bytes);
  }
  return true;
}

}  // namespace assay::reports
