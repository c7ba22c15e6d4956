#include "harness/plan/set_controls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/plan/document.hpp"

namespace assay::plan {

namespace {

using document::Entry;
using document::Table;

const Table* table_of(const Table& root, std::string_view name) {
  const Entry* entry = root.find(name);
  return entry ? entry->value.table() : nullptr;
}

std::string names_in(const Table* table) {
  std::string names;
  for (const Entry& entry : table ? table->entries : std::vector<Entry>()) names += (names.empty() ? "" : ", ") + entry.key;
  return names.empty() ? "none" : names;
}

/// The value as the file would have it: what TOML reads stays, else it is text.
std::string as_toml(const std::string& value) {
  const auto read = document::parse("x = " + value, "");
  const bool is_one_value = read && read->entries.size() == 1 && value.find_first_of("#\n") == std::string::npos;
  if (is_one_value) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// Where line `number` (from 1 on) begins and ends in `text`, its end of line left out.
std::pair<std::size_t, std::size_t> line_at(const std::string& text, int number) {
  std::size_t begin = 0;
  for (int i = 1; i < number; ++i) begin = text.find('\n', begin) + 1;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return {begin, end > begin && text[end - 1] == '\r' ? end - 1 : end};
}

}  // namespace

Result<std::string> set_controls(std::string text, std::string_view shown_name, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const auto root = document::parse(text, shown_name);
    if (!root) return root.error();
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      return Error{fmt::format("--set {}: give control=value, e.g. dataset=fashion-mnist", word)};
    }
    const std::string name = word.substr(0, equals), value = as_toml(word.substr(equals + 1));
    const Table* controls = table_of(*root, "controls");
    const Entry* control = controls ? controls->find(name) : nullptr;
    if (!control) {
      const Table* factors = table_of(*root, "factors");
      const bool is_factor = factors && factors->find(name);
      return Error{fmt::format("--set {}: {} in {}; controls there are: {}", word,
                               is_factor ? fmt::format("'{}' is a factor, which varies,", name) : fmt::format("there is no control '{}'", name), shown_name,
                               names_in(controls))};
    }
    const auto [begin, end] = line_at(text, control->line);
    const std::string line = text.substr(begin, end - begin);
    const std::string replaced = line.substr(0, line.find('=')) + "= " + value;
    const auto alone = document::parse("[controls]\n" + line, "");
    const auto set = document::parse("[controls]\n" + replaced, "");
    const Table* table = alone ? table_of(*alone, "controls") : nullptr;
    if (!table || table->entries.size() != 1 || table->entries.front().key != name || !set) {
      return Error{fmt::format("--set {}: {}:{} is no line of the form {} = …; write it as one, or change the file", word, shown_name, control->line, name)};
    }
    text.replace(begin, end - begin, fmt::format("{}  # by --set; the file has: {}", replaced, line));
  }
  return text;
}

}  // namespace assay::plan
