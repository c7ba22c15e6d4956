#include "reports/check/prose_text.hpp"

#include <algorithm>

#include "reports/check/blanked.hpp"
#include "reports/fence.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

/// "|---|:-:|", of which a table has one below its first line.
bool is_delimiter_row(std::string_view line) {
  return line.find_first_not_of("|:- ") == npos && line.find('-') != npos && line.find('|') != npos;
}

bool is_rule(std::string_view line) {
  return line.size() >= 3 && line.find_first_not_of("-=*_ ") == npos;
}

/// Number of # if a heading begins.
int heading_level(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  const bool is_heading = level >= 1 && level <= 6 && (level == line.size() || line[level] == ' ');
  return is_heading ? static_cast<int>(level) : 0;
}

}  // namespace

Markup markup_of(std::string_view file) {
  return file.ends_with(".tex") || file.ends_with(".ltx") ? Markup::latex : Markup::markdown;
}

std::string bare_prose(std::string_view text, Markup markup) {
  return markup == Markup::latex ? blank_latex(text) : blank_markdown(text);
}

Passages::Line Passages::line_at(std::size_t at) const {
  Line line;
  line.begin = at;
  const std::size_t newline = std::min(prose_.find('\n', at), prose_.size());
  line.next = std::min(newline + 1, prose_.size());
  const std::size_t last = prose_.substr(at, newline - at).find_last_not_of(' ');
  line.end = last == npos ? at : at + last + 1;
  line.first = std::min(prose_.find_first_not_of(' ', at), line.end);
  return line;
}

/// The rows behind kTable; nothing if there are none.
std::optional<Passage> Passages::rest_of_table() {
  Passage table{.kind = Passage::Kind::table, .has_rule = false};
  while (at_ < prose_.size()) {
    const Line row = line_at(at_);
    const std::string_view text = prose_.substr(row.first, row.end - row.first);
    if (text.starts_with(kTable)) break;
    at_ = row.next;
    if (text.starts_with(kTableEnd)) break;
    if (text.find('|') == npos) continue;
    if (table.end == 0) table.begin = row.first;
    table.end = row.end;
  }
  return table.end > 0 ? std::optional(table) : std::nullopt;
}

std::optional<Passage> Passages::next_of_any() {
  const auto text_of = [&](const Line& line) { return prose_.substr(line.first, line.end - line.first); };
  const auto opens_table = [&](const Line& line) {
    return text_of(line).find('|') != npos && line.next < prose_.size() &&
           is_delimiter_row(text_of(line_at(line.next)));
  };
  const auto is_opt_out = [&](const Line& line) {
    return line.first < line.end && text_of(line).find_first_not_of(std::string_view{"\x04 "}) == npos;
  };
  while (at_ < prose_.size()) {
    const Line line = line_at(at_);
    at_ = line.next;
    if (line.first == line.end) {
      if (in_block_) skips_block_ = false;
      continue;
    }
    if (is_opt_out(line)) {
      skips_block_ = true;
      in_block_ = false;
      continue;
    }
    in_block_ = true;
    const std::string_view text = text_of(line);
    if (text.front() == kTable) {
      if (const auto table = rest_of_table()) return table;
      continue;
    }
    if (text.front() == kTableEnd) continue;
    Passage passage;
    passage.begin = line.first;
    passage.end = line.end;
    if ((passage.level = heading_level(text)) > 0) {
      passage.kind = Passage::Kind::heading;
      passage.begin += static_cast<std::size_t>(passage.level);
      return passage;
    }
    if (is_rule(text)) continue;
    if (opens_table(line)) {
      passage.kind = Passage::Kind::table;
      while (at_ < prose_.size()) {
        const Line row = line_at(at_);
        if (text_of(row).find('|') == npos) break;
        passage.end = row.end;
        at_ = row.next;
      }
      return passage;
    }
    if (const std::size_t mark = behind_list_mark(text, 0); mark > 0) {
      passage.kind = Passage::Kind::item;
      passage.begin += mark;
    }
    while (at_ < prose_.size()) {
      const Line more = line_at(at_);
      const std::string_view rest = text_of(more);
      if (rest.empty() || heading_level(rest) > 0 || behind_list_mark(rest, 0) > 0 || is_opt_out(more) ||
          rest.front() == kTable || opens_table(more))
        break;
      at_ = more.next;
      if (is_rule(rest)) {  // a heading that is underlined
        if (passage.kind == Passage::Kind::paragraph && rest.find_first_of("=-") != npos) {
          passage.kind = Passage::Kind::heading;
          passage.level = rest.front() == '=' ? 1 : 2;
        }
        break;
      }
      passage.end = more.end;
    }
    return passage;
  }
  return std::nullopt;
}

std::optional<Passage> Passages::next() {
  while (const auto passage = next_of_any()) {
    const bool is_out = prose_.substr(passage->begin, passage->end - passage->begin).find(kOptOut) != npos;
    if (!skips_block_ && !is_out) return passage;
  }
  return std::nullopt;
}

}  // namespace assay::reports::check
