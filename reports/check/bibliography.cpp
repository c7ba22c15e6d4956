#include "reports/check/bibliography.hpp"

#include <algorithm>

#include "harness/core/ascii.hpp"
#include "reports/check/plain_text.hpp"

namespace assay::reports::check {

namespace {

std::size_t behind_white(std::string_view text, std::size_t at) {
  while (at < text.size() && is_white(text[at])) ++at;
  return at;
}

/// At '@': the length of "@article{", its type in `type`; 0 if it is none.
std::size_t opening(std::string_view text, std::size_t at, std::string& type) {
  constexpr std::size_t kLongestType = 32;
  std::size_t end = at + 1;
  while (end < text.size() && end - at <= kLongestType && is_letter(text[end])) ++end;
  if (end == at + 1) return 0;
  type = lower_case(text.substr(at + 1, end - at - 1));
  end = text.find_first_not_of(" \t", end);
  return end != std::string_view::npos && text[end] == '{' ? end + 1 - at : 0;
}

/// Where the entry that opened before `at` ends: its closing brace. Without one, where the next entry opens
/// at the start of a line, or the text ends.
std::size_t closing(std::string_view text, std::size_t at, bool& closed) {
  int depth = 1;
  std::string ignored;
  for (; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at;
    const bool line_starts = text[at] == '@' && text[at - 1] == '\n';
    if (line_starts && opening(text, at, ignored) > 0) break;
  }
  closed = false;
  return at;
}

/// A value at `at`: parts in braces, quotes or bare, joined by '#'. `at` ends behind it.
std::string value_at(std::string_view body, std::size_t& at) {
  std::string value;
  while (true) {
    at = behind_white(body, at);
    if (at == body.size()) return value;
    const std::size_t begin = at;
    if (body[at] == '{' || body[at] == '"') {
      const bool braced = body[at] == '{';
      int depth = braced ? 1 : 0;
      for (++at; at < body.size(); ++at) {
        if (body[at] == '{') ++depth;
        if (body[at] == '}' && --depth == 0 && braced) break;
        if (body[at] == '"' && !braced && depth <= 0) break;
      }
      value += body.substr(begin + 1, at - begin - 1);
      at = std::min(body.size(), at + 1);
    } else {
      while (at < body.size() && body[at] != ',' && body[at] != '#' && !is_white(body[at])) ++at;
      value += body.substr(begin, at - begin);
    }
    at = behind_white(body, at);
    if (at == body.size() || body[at] != '#') return value;
    ++at;
  }
}

void read_body(std::string_view body, BibEntry& entry) {
  constexpr std::size_t kMostFields = 100;
  std::size_t at = std::min(body.find(','), body.size());
  entry.key = std::string(trimmed(body.substr(0, at)));
  while (at < body.size() && entry.fields.size() < kMostFields) {
    while (at < body.size() && (body[at] == ',' || is_white(body[at]))) ++at;
    const std::size_t begin = at;
    while (at < body.size() && body[at] != '=' && body[at] != ',' && body[at] != '{' && body[at] != '"') ++at;
    const std::string name = lower_case(trimmed(body.substr(begin, at - begin)));
    if (at < body.size() && body[at] == '=') {
      ++at;
      entry.fields.emplace_back(name, value_at(body, at));
    } else if (at < body.size() && body[at] != ',') {
      ++at;  // a value without a name: not understood, left out
    }
  }
}

}  // namespace

std::string_view BibEntry::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields) {
    if (field_name == name) return trimmed(value);
  }
  return {};
}

const BibEntry* Bibliography::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const BibEntry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Bibliography read_bibtex(std::string_view text) {
  Bibliography read;
  int line = 1;
  std::size_t counted = 0;  // newlines before here are in `line`
  for (std::size_t at = text.find('@'); at != std::string_view::npos && read.entries.size() < kMostEntries;
       at = text.find('@', at)) {
    std::string type;
    const std::size_t length = opening(text, at, type);
    if (length == 0) {
      ++at;
      continue;
    }
    line += static_cast<int>(
        std::count(text.begin() + static_cast<long>(counted), text.begin() + static_cast<long>(at), '\n'));
    counted = at;
    BibEntry entry;
    entry.type = type;
    entry.line = line;
    const std::size_t begin = at + length;
    const std::size_t end = closing(text, begin, entry.closed);
    at = end;
    if (type == "comment" || type == "string" || type == "preamble") continue;
    read_body(text.substr(begin, end - begin), entry);
    const bool is_key = !entry.key.empty() && entry.key.size() < 200 &&
                        entry.key.find_first_of(" \t\r\n{}=\"") == std::string::npos;
    if (is_key) read.entries.push_back(std::move(entry));
  }
  return read;
}

}  // namespace assay::reports::check
