#include "reports/fence.hpp"

#include <algorithm>

#include "harness/core/ascii.hpp"

namespace assay::reports {

namespace {

constexpr std::size_t kDeepestIndent = 3;  // more, and Markdown shows the line as code

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

}  // namespace

bool Fence::covers(std::string_view line) {
  if (length_ > 0) {
    const bool left =
        quoted_ ? line.find('>') != indent_of(line) : !is_blank(line) && indent_of(line) < item_indent_;
    if (!left) {
      if (closes(line)) length_ = 0;
      return true;
    }
    length_ = 0;  // with the quotation or the item that it stood in
  }
  return opens(line);
}

bool Fence::closes(std::string_view line) const {
  if (!quoted_ && indent_of(line) > item_indent_ + kDeepestIndent) return false;
  const std::string_view rest = line.substr(std::min(line.find_first_not_of(" >"), line.size()));
  const std::size_t length = std::min(rest.find_first_not_of(mark_), rest.size());
  return length >= length_ && is_blank(rest.substr(length));
}

bool Fence::opens(std::string_view line) {
  quoted_ = false;
  item_indent_ = 0;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = at;
    at = std::min(line.find_first_not_of(' ', at), line.size());
    if (item_indent_ == 0 && at - begin > kDeepestIndent) return false;
    if (at < line.size() && line[at] == '>') {
      quoted_ = true;
      ++at;
    } else if (const std::size_t behind = behind_list_mark(line, at); behind > at) {
      item_indent_ = at = behind;
    } else {
      break;
    }
  }
  if (at == line.size() || (line[at] != '`' && line[at] != '~')) return false;
  const std::size_t end = std::min(line.find_first_not_of(line[at], at), line.size());
  if (end - at < 3 || (line[at] == '`' && line.find('`', end) != std::string_view::npos)) return false;
  mark_ = line[at];
  length_ = end - at;
  return true;
}

std::size_t behind_list_mark(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
  const std::string_view ends = end > at ? ".)" : "-*+";
  const bool marks =
      end + 1 < line.size() && ends.find(line[end]) != std::string_view::npos && line[end + 1] == ' ';
  return marks ? end + 2 : at;
}

}  // namespace assay::reports
