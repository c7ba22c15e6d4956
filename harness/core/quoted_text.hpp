// Text in double quotes for the files that Assay begins: TOML, YAML and JSON read the same from it.
//
//     quoted_text("5\" of \x1b") == R"("5\" of \u001B")"
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace assay {

/// Whether a terminal or an editor would act on these bytes or show them as something else: a control character, a mark of
/// direction, a line separator. Gives the length of the first one in bytes, 0 for none.
inline std::size_t unshown_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return text.empty() ? 0 : 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;                       // C1 controls
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;                                         // U+061C
  const bool marks = byte(1) == 0x80 && ((byte(2) >= 0x8E && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE));
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return byte(0) == 0xE2 && (marks || isolates) ? 3 : 0;  // U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069
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
      unsigned code = static_cast<unsigned char>(text[i]);
      if (length > 1) code &= length == 2 ? 0x1FU : 0x0FU;
      for (std::size_t k = 1; k < length; ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
      quoted += fmt::format("\\u{:04X}", code);
      i += length;
      continue;
    }
    if (text[i] == '"' || text[i] == '\\') quoted += '\\';
    quoted += text[i++];
  }
  return quoted + "\"";
}

}  // namespace assay
