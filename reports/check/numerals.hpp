// The digits of a text, in order: two texts that say the same numbers in other words have the same.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports::check {

/// "2.31 ms [2.25, 2.38]" → "2.31 2.25 2.38". A point or comma between digits belongs to the number, and so does a minus before it.
inline std::string numerals_of(std::string_view text) {
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  std::string numerals;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (digit(i)) {
      constexpr std::string_view kMinus = "−";
      const bool minus = (i > 0 && text[i - 1] == '-') || (i >= kMinus.size() && text.substr(i - kMinus.size(), kMinus.size()) == kMinus);
      if (minus) numerals += '-';
      while (digit(i) || (digit(i + 1) && (text[i] == '.' || text[i] == ','))) numerals += text[i++];
      numerals += ' ';
    }
  }
  return numerals;
}

}  // namespace assay::reports::check
