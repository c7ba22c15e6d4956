// Which lines of Markdown are fenced code (CommonMark 4.5), also where the fence stands in a quotation or
// behind a list's mark.
//
//     Fence fence;
//     for (const std::string_view line : lines) if (!fence.covers(line)) …   // without its newline
#pragma once

#include <cstddef>
#include <string_view>

namespace assay::reports {

class Fence {
public:
  /// Whether the line is its opening, its text or its closing.
  bool covers(std::string_view line);

private:
  bool closes(std::string_view line) const;
  bool opens(std::string_view line);

  std::size_t length_ = 0;  // of the opening; 0: none is open
  char mark_ = '`';
  std::size_t item_indent_ = 0;
  bool quoted_ = false;
};

/// Behind "- " or "12. " if it stands at `at`, else `at`.
std::size_t behind_list_mark(std::string_view line, std::size_t at);

}  // namespace assay::reports
