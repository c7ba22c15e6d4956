// Text in double quotes for the files that Assay begins: TOML and YAML read the same from it.
//
//     quoted_text("5\" of \x1b") == R"("5\" of \u001B")"
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "harness/core/utf8.hpp"

namespace assay {

/// Whether a terminal or an editor would act on these bytes or show them as something else: a control character, a mark of
/// direction, a line separator. Gives the length of the first one in bytes, 0 for none.
inline std::size_t unshown_at(std::string_view text) {
  const Character c = text.empty() ? Character{} : first_character(text);
  return c.length > 0 && !is_shown(c.code) ? c.length : 0;
}

/// Whether any stands in `text`: what isn't to be a name or a title.
inline bool holds_unshown(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (unshown_at(text.substr(i)) > 0) return true;
  }
  return false;
}

/// `text` is UTF-8; what can't be shown is escaped.
inline std::string quoted_text(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = unshown_at(text.substr(i));
    if (length > 0) {
      const auto code = static_cast<unsigned>(first_character(text.substr(i)).code);
      quoted += code > 0xFFFF ? fmt::format("\\U{:08X}", code) : fmt::format("\\u{:04X}", code);
      i += length;
      continue;
    }
    if (text[i] == '"' || text[i] == '\\') quoted += '\\';
    quoted += text[i++];
  }
  return quoted + "\"";
}

}  // namespace assay
