#include "harness/plan/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/ascii.hpp"
#include "harness/plan/near_names.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;
using document::type_of;

void Mistakes::add(int line, std::string_view sentence) {
  if (first_) return;
  std::string text;
  for (const char c : sentence)
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;  // one line
  first_ = Error{fmt::format("{}:{}: {}", file_, line, text)};
}

Section::Section(const document::Table& table, int line, std::string title,
                 const std::vector<std::string>& keys, Mistakes& mistakes)
    : table_(table), line_(line), title_(std::move(title)), mistakes_(mistakes) {
  for (const document::Entry& entry : table_.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) continue;
    mistakes_.add(entry.line, fmt::format("unknown key {} in {}; {}", in_quotes(entry.key, '\''), title_,
                                          suggestion(entry.key, keys, "the keys are")));
  }
}

int Section::line_of(std::string_view key) const {
  const document::Entry* entry = find(key);
  return entry ? entry->line : line_;
}

void Section::wrong(std::string_view key, std::string_view what, std::string_view right) const {
  mistakes_.add(line_of(key), fmt::format("'{}' in {} {}; {}", key, title_, what, right));
}

std::optional<std::string> Section::text(std::string_view key, std::string_view example) const {
  const document::Entry* entry = find(key);
  if (!entry) return std::nullopt;
  const std::string* text = entry->value.text();
  if (!text) {
    wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)),
          fmt::format("write text, e.g. {}", example));
    return std::nullopt;
  }
  if (text->empty()) {
    wrong(key, "is empty", fmt::format("write text, e.g. {}", example));
    return std::nullopt;
  }
  return *text;
}

std::optional<std::string> Section::word(std::string_view key, const std::vector<std::string>& words) const {
  const auto written = text(key, fmt::format("{} = \"{}\"", key, words.front()));
  if (!written || std::find(words.begin(), words.end(), *written) != words.end()) return written;
  wrong(key, fmt::format("is {}", in_quotes(*written)), suggestion(*written, words, "it is one of"));
  return std::nullopt;
}

std::optional<bool> Section::boolean(std::string_view key) const {
  const document::Entry* entry = find(key);
  if (!entry) return std::nullopt;
  if (const bool* value = std::get_if<bool>(&entry->value.value)) return *value;
  wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)), "write true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t lowest, std::int64_t highest,
                                             std::string_view example) const {
  const document::Entry* entry = find(key);
  if (!entry) return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&entry->value.value);
  if (!value) {
    wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)),
          fmt::format("write an integer, e.g. {}", example));
    return std::nullopt;
  }
  if (*value < lowest) {
    wrong(key, fmt::format("is {}", *value), fmt::format("it must be at least {}, e.g. {}", lowest, example));
    return std::nullopt;
  }
  if (*value > highest) {
    wrong(key, fmt::format("is {}", *value), fmt::format("it can be at most {}, e.g. {}", highest, example));
    return std::nullopt;
  }
  return *value;
}

std::optional<double> Section::number(std::string_view key, Bounds bounds, std::string_view example) const {
  const document::Entry* entry = find(key);
  if (!entry) return std::nullopt;
  double value = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&entry->value.value)) {
    value = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&entry->value.value)) {
    value = *real;
  } else {
    wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)),
          fmt::format("write a number, e.g. {}", example));
    return std::nullopt;
  }
  if (std::isfinite(value) && value > bounds.above && value < bounds.below) return value;
  std::string right = "it must be a finite number";
  if (std::isfinite(bounds.above) && std::isfinite(bounds.below)) {
    right = fmt::format("it must lie between {} and {} (both excluded)", bounds.above, bounds.below);
  } else if (std::isfinite(bounds.above)) {
    right = fmt::format("it must be a finite number above {}", bounds.above);
  }
  wrong(key, fmt::format("is {}", shown(entry->value)), fmt::format("{}, e.g. {}", right, example));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Section::texts(std::string_view key, std::string_view example) const {
  const document::Entry* entry = find(key);
  if (!entry) return std::nullopt;
  const document::List* list = entry->value.list();
  if (!list) {
    wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)),
          fmt::format("write a list of text, e.g. {}", example));
    return std::nullopt;
  }
  std::vector<std::string> all;
  for (const document::Node& item : *list) {
    if (const std::string* text = item.text()) {
      all.push_back(*text);
      continue;
    }
    mistakes_.add(item.line, fmt::format("'{}' in {} holds {} ({}); all of it must be text, e.g. {}", key,
                                         title_, type_of(item), shown(item), example));
    return std::nullopt;
  }
  return all;
}

const document::Table* Section::table(std::string_view key, std::string_view example) const {
  const document::Entry* entry = find(key);
  if (!entry) return nullptr;
  if (const document::Table* inner = entry->value.table()) return inner;
  wrong(key, fmt::format("is {} ({})", type_of(entry->value), shown(entry->value)),
        fmt::format("write a table, e.g. {}", example));
  return nullptr;
}

bool is_plain_name(std::string_view name, bool dots) {
  if (name.empty() || name.size() > 100) return false;
  if (!is_letter(name[0]) && !(dots ? is_digit(name[0]) : name[0] == '_')) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || (dots && c == '.');
  });
}

}  // namespace assay::plan
