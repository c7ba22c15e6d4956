#include "reports/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "harness/core/ascii.hpp"
#include "reports/command_table.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Maker = std::vector<TextTable> (*)(const Report& report);
constexpr Maker kMakers[] = {
#define TABLE(make) &make,
#include "reports/tables.def"
#undef TABLE
};

/// A title as a file's name or a label: "latency_s, p99 (lower is better)" → "latency_s-p99".
std::string plain_name(const std::string& title) {
  std::string name;
  for (const char c : title.substr(0, title.find(" ("))) {
    if (is_letter_or_digit(c) || c == '_') {
      name += lowered(c);
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  constexpr std::size_t kLongest = 60;
  name.resize(std::min(name.size(), kLongest));
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "table" : name;
}

void give_names(std::vector<TextTable>& tables) {
  std::set<std::string> given;
  for (TextTable& table : tables) {
    const std::string name = plain_name(table.title);
    table.name = name;
    for (int next = 2; !given.insert(table.name).second; ++next)
      table.name = fmt::format("{}-{}", name, next);
  }
}

}  // namespace

std::vector<TextTable> tables_of(const Report& report) {
  std::vector<TextTable> tables;
  if (compares_commands(report)) {
    tables.push_back(command_table(report));
  } else {
    for (const Maker make : kMakers) {
      for (TextTable& table : make(report)) tables.push_back(std::move(table));
    }
  }
  give_names(tables);
  return tables;
}

std::string published_where(const Published& published) {
  if (published.setup.empty() || published.machine.empty()) return published.setup + published.machine;
  return fmt::format("{}, on {}", published.setup, published.machine);
}

std::string constants_text(const Planned& planned) {
  std::vector<std::string> words;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() == 1)
      words.push_back(fmt::format("{} = {}", factor.name, shortest(factor.levels[0])));
  }
  for (const auto& [name, level] : planned.controls.levels())
    words.push_back(fmt::format("{} = {}", name, shortest(level)));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string Footnotes::mark(const std::string& note) {
  static constexpr std::array<std::string_view, 16> kLetters{"ᵃ", "ᵇ", "ᶜ", "ᵈ", "ᵉ", "ᶠ", "ᵍ", "ʰ",
                                                             "ⁱ", "ʲ", "ᵏ", "ˡ", "ᵐ", "ⁿ", "ᵒ", "ᵖ"};
  if (note.empty()) return "";
  auto at = std::find(notes_.begin(), notes_.end(), note);
  const auto index = static_cast<std::size_t>(at - notes_.begin());
  const std::string letter =
      index < kLetters.size() ? std::string(kLetters[index]) : fmt::format("({})", index + 1);
  if (at == notes_.end()) {
    notes_.push_back(note);
    lines_.push_back(fmt::format("{} {}", letter, note));
  }
  return letter;
}

}  // namespace assay::reports
