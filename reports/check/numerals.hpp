// The numbers of a text, in order: two texts that say the same ones in other words have the same, and one that says more holds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::reports::check {

/// "2.31 ms [2.25, 2.38]" → 2.31, 2.25, 2.38, as they stand there. A point or comma between digits belongs to the number, and so does a minus before it.
inline std::vector<std::string> numerals_of(std::string_view text) {
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  constexpr std::string_view kMinus = "−";
  std::vector<std::string> numerals;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!digit(i)) continue;
    const bool minus = (i > 0 && text[i - 1] == '-') || (i >= kMinus.size() && text.substr(i - kMinus.size(), kMinus.size()) == kMinus);
    std::string numeral = minus ? "-" : "";
    while (digit(i) || (digit(i + 1) && (text[i] == '.' || text[i] == ','))) numeral += text[i++];
    numerals.push_back(std::move(numeral));
  }
  return numerals;
}

/// Whether `more` says all that `fewer` says, in the same order: what a later Assay writes may say more.
inline bool says_all_of(const std::vector<std::string>& more, const std::vector<std::string>& fewer) {
  std::size_t at = 0;
  for (const std::string& numeral : more) {
    if (at < fewer.size() && numeral == fewer[at]) ++at;
  }
  return at == fewer.size();
}

}  // namespace assay::reports::check
