// Characters of UTF-8 text that somebody else wrote: which bytes are one, and whether it is fit to be shown.
//
//     while (!text.empty()) {
//       const Character c = first_character(text);
//       if (c.length == 0) …            // its first byte is no UTF-8
//       else if (!is_shown(c.code)) …   // it would move a cursor, hide, or turn the direction of what follows
//       text.remove_prefix(std::max<std::size_t>(1, c.length));
//     }
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // in bytes; 0: no UTF-8 (overlong, a surrogate, cut off)
};

/// The character that `text`, which isn't empty, begins with.
inline Character first_character(std::string_view text) {
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

/// False of control characters, of what Unicode has for reordering, joining and hiding, and of line separators.
constexpr bool is_shown(char32_t c) {
  const bool controls = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool directs = c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F);
  const bool hides = c == 0xAD || c == 0x115F || c == 0x1160 || c == 0x180E || c == 0x3164 || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
                     (c >= 0xE0000 && c <= 0xE0FFF);
  return !controls && !directs && !hides;
}

}  // namespace assay
