#include "reports/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/utf8.hpp"

namespace assay::reports {

std::string printable(std::string_view text, std::size_t most) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= most) return shown + "…";
    const Character c = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(1, c.length);
    const bool is_hidden = c.length > 0 && !is_shown(c.code);
    if (c.length == 0 || (is_hidden && c.code < 0x100)) {
      shown += fmt::format("\\x{:02x}", c.length > 0 ? static_cast<unsigned>(c.code) : static_cast<unsigned char>(text[0]));
    } else if (is_hidden) {
      shown += fmt::format("\\u{:04x}", static_cast<unsigned>(c.code));
    } else {
      shown += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return shown;
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0 || !is_shown(c.code)) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

}  // namespace assay::reports
