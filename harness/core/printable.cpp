#include "harness/core/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/utf8.hpp"

namespace assay {

namespace {

unsigned first_byte(std::string_view text) {
  return static_cast<unsigned char>(text.front());
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const Character c = first_character(text);
    const std::size_t length = std::max<std::size_t>(1, c.length);
    const std::string piece = c.length == 0      ? fmt::format("\\x{:02X}", first_byte(text))
                              : is_shown(c.code) ? std::string(text.substr(0, length))
                                                 : fmt::format("\\u{{{:04X}}}", static_cast<unsigned>(c.code));
    if (out.size() + piece.size() > most) return out + "…";
    out += piece;
    text.remove_prefix(length);
  }
  return out;
}

std::string unprintable_in(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0) return fmt::format("byte 0x{:02X}", first_byte(text));
    if (!is_shown(c.code)) return fmt::format("U+{:04X}", static_cast<unsigned>(c.code));
    text.remove_prefix(c.length);
  }
  return "";
}

}  // namespace assay
