// BibTeX as far as a checker must know it: which entries there are and which fields they have. Reads what
// students write, so a brace that is missing costs one entry and not the file; time is linear.
//
//     const Bibliography read = read_bibtex("@article{hoefler15, title = {Scientific …}, author = {…}, year =
//     2015}"); read.entries.front().key == "hoefler15"
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::reports::check {

struct BibEntry {
  std::string type;  // lower case: "article"
  std::string key;
  int line = 0;
  bool closed = true;  // false: its last brace is missing
  std::vector<std::pair<std::string, std::string>>
      fields;  // names in lower case; values without their braces or quotes

  /// The field's value; empty if it is absent or blank.
  std::string_view field(std::string_view name) const;
};

struct Bibliography {
  std::vector<BibEntry> entries;  // in order; at most kMostEntries
  const BibEntry* find(std::string_view key) const;
};

inline constexpr std::size_t kMostEntries = 5000;

/// Everything in `text` that looks like "@type{key, …}"; what stands between isn't looked at, so Markdown may
/// surround it.
/// @comment, @string and @preamble are no entries.
Bibliography read_bibtex(std::string_view text);

}  // namespace assay::reports::check
