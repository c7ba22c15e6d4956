#include "harness/plan/levels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "harness/plan/near_names.hpp"

namespace assay::plan {

using document::shown;
using document::type_of;

namespace {

constexpr int kHighestCpu = 65535;

/// A number of decimal digits that ends at `text`'s end or at one of `stops`; nullopt if there is none.
std::optional<int> leading_cpu(std::string_view& text) {
  int cpu = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (failure != std::errc() || end == text.data() || cpu < 0 || cpu > kHighestCpu) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return cpu;
}

/// "0-3,5": ascending ranges and single CPUs.
bool is_cpu_list(std::string_view text) {
  while (true) {
    const auto first = leading_cpu(text);
    if (!first) return false;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      const auto last = leading_cpu(text);
      if (!last || *last < *first) return false;
    }
    if (text.empty()) return true;
    if (!text.starts_with(',')) return false;
    text.remove_prefix(1);
  }
}

bool may_mix_types(std::string_view factor) {
  return factor == "threads" || factor == "cpus";
}

bool is_number(const Level& level) {
  return std::holds_alternative<std::int64_t>(level) || std::holds_alternative<double>(level);
}

std::string_view type_word(const Level& level) {
  constexpr std::string_view kWords[] = {"booleans", "integers", "numbers with a point", "text"};
  return kWords[level.index()];
}

}  // namespace

std::optional<Level> read_level(const document::Node& node, std::string_view what, Mistakes& mistakes) {
  if (const bool* boolean = std::get_if<bool>(&node.value)) return Level(*boolean);
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return Level(*integer);
  if (const auto* real = std::get_if<double>(&node.value)) {
    if (std::isfinite(*real)) return Level(*real);
    mistakes.add(node.line, fmt::format("{} has the level {}; a level is a finite number, text or a boolean",
                                        what, shown(node)));
    return std::nullopt;
  }
  if (const std::string* text = node.text()) {
    const bool control = std::any_of(
        text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!control) return Level(*text);
    mistakes.add(node.line,
                 fmt::format("{} has a level with a control character ({}); tables show levels, so write "
                             "printable text",
                             what, shown(node)));
    return std::nullopt;
  }
  if (std::holds_alternative<document::Date>(node.value)) {
    mistakes.add(node.line, fmt::format("{} has a date for a level; write it as text, in quotes", what));
    return std::nullopt;
  }
  mistakes.add(node.line,
               fmt::format("{} has the level {}, which is {}; a level is a number, text or a boolean", what,
                           shown(node), type_of(node)));
  return std::nullopt;
}

std::vector<Level> read_levels(const std::string& name, const document::Entry& entry, Mistakes& mistakes) {
  const document::List* list = entry.value.list();
  const std::string what = fmt::format("factor '{}'", name);
  if (!list) {
    mistakes.add(entry.line,
                 fmt::format("{} is {}; write a list of levels, e.g. {} = [{}]", what, shown(entry.value),
                             name, entry.value.table() ? "1, 8" : shown(entry.value)));
    return {};
  }
  if (list->empty()) {
    mistakes.add(entry.line,
                 fmt::format("{} has no levels; give at least one, e.g. {} = [1, 8]", what, name));
    return {};
  }
  std::vector<Level> levels;
  std::set<Level> seen;
  for (const document::Node& node : *list) {
    const auto level = read_level(node, what, mistakes);
    if (!level) return {};
    if (const auto problem = reserved_problem(name, *level)) {
      mistakes.add(node.line, *problem);
      return {};
    }
    if (!may_mix_types(name) && !levels.empty() && levels.front().index() != level->index()) {
      mistakes.add(node.line,
                   fmt::format("{} mixes {} and {} ({} and {}); give all its levels one type{}", what,
                               type_word(levels.front()), type_word(*level), toml_text(levels.front()),
                               toml_text(*level),
                               is_number(levels.front()) && is_number(*level) ? ", e.g. 1.0 for 1" : ""));
      return {};
    }
    if (!seen.insert(*level).second) {
      mistakes.add(node.line, fmt::format("{} has the level {} twice; keep one", what, toml_text(*level)));
      return {};
    }
    levels.push_back(*level);
  }
  return levels;
}

std::optional<std::string> reserved_problem(std::string_view name, const Level& level) {
  const auto* integer = std::get_if<std::int64_t>(&level);
  const auto* text = std::get_if<std::string>(&level);
  const auto is = [&](std::string_view right) {
    return fmt::format("'{}' is {}; {}", name, toml_text(level), right);
  };
  if (name == "threads" && !(integer && *integer >= 1) && !(text && *text == "all")) {
    return is("Assay sets thread pools by it: write an integer of at least 1, or \"all\"");
  }
  if (name == "cpus" && !(integer && *integer >= 0 && *integer <= kHighestCpu) &&
      !(text && is_cpu_list(*text))) {
    return is("Assay binds processes by it: write CPU numbers, e.g. 2 or \"0-3,5\"");
  }
  if (name == "device" && !(text && !text->empty())) return is("write a device's name, e.g. \"cpu\"");
  if (name == "memory_bytes" && !(integer && *integer > 0)) {
    return is("Assay limits memory by it: write an integer of bytes above 0, e.g. 8_000_000_000");
  }
  if (name == "seed" && !(integer && *integer >= 0)) return is("write an integer of at least 0, e.g. 585");
  return std::nullopt;
}

Treatment read_partial(const document::Table& table, int line, std::string_view what,
                       const std::vector<Factor>& factors, const Treatment& controls, Mistakes& mistakes) {
  for (const document::Entry& entry : table.entries) {
    if (std::any_of(factors.begin(), factors.end(), [&](const Factor& f) { return f.name == entry.key; }))
      continue;
    mistakes.add(
        entry.line,
        controls.find(entry.key)
            ? fmt::format("{} names '{}', which is a control and so the same everywhere; leave it out", what,
                          entry.key)
            : fmt::format("{} names {}, which is no factor; {}", what, document::in_quotes(entry.key, '\''),
                          suggestion(entry.key, names_of(factors), "the factors are")));
    return {};
  }
  if (table.entries.empty()) {
    mistakes.add(line, fmt::format("{} names no factor; give at least one level, e.g. {} = {}", what,
                                   factors.empty() ? "batch" : factors.front().name,
                                   factors.empty() ? "1" : toml_text(factors.front().levels.front())));
    return {};
  }
  Treatment partial;
  for (const Factor& factor : factors) {
    const document::Entry* entry = table.find(factor.name);
    if (!entry) continue;
    const auto level = read_level(entry->value, fmt::format("{}: '{}'", what, factor.name), mistakes);
    if (!level) return {};
    if (std::find(factor.levels.begin(), factor.levels.end(), *level) == factor.levels.end()) {
      mistakes.add(entry->line,
                   fmt::format("{} names {} = {}, which is no level of that factor; its levels are {}", what,
                               factor.name, toml_text(*level), toml_text(factor.levels)));
      return {};
    }
    partial.set(factor.name, *level);
  }
  return partial;
}

std::string toml_text(const Level& level) {
  return std::visit([](const auto& v) { return shown(document::Node{0, v}); }, level);
}

std::string toml_text(const std::vector<Level>& levels) {
  std::vector<std::string> texts;
  for (const Level& level : levels) texts.push_back(toml_text(level));
  return listed(texts);
}

std::vector<std::string> names_of(const std::vector<Factor>& factors) {
  std::vector<std::string> names;
  for (const Factor& factor : factors) names.push_back(factor.name);
  return names;
}

}  // namespace assay::plan
