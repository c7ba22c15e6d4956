#include "cli/printable_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/utf8.hpp"

namespace assay::cli {

std::string unprintable_in(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0) return fmt::format("byte 0x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(text[0])));
    if (!is_shown(c.code)) return fmt::format("U+{:04X}", static_cast<std::uint32_t>(c.code));
    text.remove_prefix(c.length);
  }
  return "";
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const Character c = first_character(text);
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
    const Character c = first_character(text);
    if (c.length == 0 || c.code == 0) return line;
    if (c.code == '\n') ++line;
    text.remove_prefix(c.length);
  }
  return 0;
}

}  // namespace assay::cli
