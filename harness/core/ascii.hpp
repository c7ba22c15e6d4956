// Characters and words of ASCII, whatever the locale. What is beyond ASCII is no letter and stays as it is.
//
//     if (is_blank(line)) continue;
//     const std::string key = lower_case(trimmed(line));
#pragma once

#include <string>
#include <string_view>

namespace assay {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }
/// A space, a tab, or what ends a line or a page.
constexpr bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr char lowered(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = lowered(c);
  return lower;
}

/// Without white space at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
  return text;
}

/// Without the ends of lines at its end: what a program printed, e.g. a path.
inline std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

constexpr bool is_blank(std::string_view text) { return trimmed(text).empty(); }

}  // namespace assay
