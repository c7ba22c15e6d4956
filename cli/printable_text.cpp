#include "cli/printable_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay::cli {

namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // in bytes; 0: no UTF-8
};

/// The character that starts `text`, which isn't empty. Overlong forms and surrogates are none.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, length};
}

bool is_shown(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
  const bool directs = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  const bool breaks = c == 0x2028 || c == 0x2029;
  const bool hides = c == 0x00AD || c == 0x200B || c == 0x2060 || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
  return !directs && !breaks && !hides;
}

}  // namespace

std::string unprintable_in(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_of(text);
    if (c.length == 0) return fmt::format("byte 0x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(text[0])));
    if (!is_shown(c.code)) return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c.code));
    text.remove_prefix(c.length);
  }
  return "";
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const Character c = first_of(text);
    const std::size_t length = std::max<std::size_t>(1, c.length);
    const std::string piece = c.length == 0      ? fmt::format("\\x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(text[0])))
                              : is_shown(c.code) ? std::string(text.substr(0, length))
                                                 : fmt::format("\\u{{{:04X}}}", static_cast<std::uint32_t>(c.code));
    if (out.size() + piece.size() > most) return out + "…";
    out += piece;
    text.remove_prefix(length);
  }
  return out;
}

std::size_t line_without_text(std::string_view text) {
  std::size_t line = 1;
  while (!text.empty()) {
    const Character c = first_of(text);
    if (c.length == 0 || c.code == 0) return line;
    if (c.code == '\n') ++line;
    text.remove_prefix(c.length);
  }
  return 0;
}

}  // namespace assay::cli
