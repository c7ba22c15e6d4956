#include "cli/import_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "harness/core/ascii.hpp"
#include "harness/core/names.hpp"
#include "harness/core/outcome.hpp"
#include "harness/core/printable.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/section.hpp"

namespace assay::cli {

namespace {

constexpr NameTable<ColumnRole, 7> kRoles{{{{ColumnRole::factor, "factor"},
                                            {ColumnRole::metric, "metric"},
                                            {ColumnRole::replicate, "replicate"},
                                            {ColumnRole::round, "round"},
                                            {ColumnRole::outcome, "outcome"},
                                            {ColumnRole::reason, "reason"},
                                            {ColumnRole::ignore, "ignore"}}}};
constexpr std::string_view kSyntax = "factor, metric:NAME:UNIT, replicate, round, outcome, reason or ignore";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// "metric:latency_s:ms:lower".
Result<Column> metric_column(const std::vector<std::string>& parts, const std::string& word) {
  const auto wrong = [&](const std::string& what) { return Error{fmt::format("--map {}: {}", printable(word, 200), what)}; };
  if (parts.size() < 3 || parts.size() > 4) return wrong("a metric has a name and the file's unit: metric:NAME:UNIT, e.g. metric:latency_s:ms (1 is the unit of a count)");
  Column column{.role = ColumnRole::metric, .name = parts[1]};
  if (!plan::is_plain_name(column.name, false)) {
    return wrong(fmt::format("'{}' is no name for a metric; use letters, digits, '_' and '-', e.g. latency_s", printable(column.name)));
  }
  auto scale = base_unit(parts[2]);
  if (!scale) return wrong(scale.error().message);
  column.scale = *std::move(scale);
  Json object = {{"name", column.name}, {"unit", column.scale.base}, {"scope", name_of(Scope::replicate)}, {"provenance", name_of(Provenance::imported)}};
  if (column.name == "cpu_s" && column.scale.base == "s") object["clock"] = name_of(Clock::cpu);  // as a command's own cpu_s
  if (parts.size() == 4) object["direction"] = parts[3];
  auto metric = metric_from_json(object);
  if (!metric) return wrong(metric.error().message);
  column.metric = *std::move(metric);
  if (column.metric.kind == Kind::count && parts.size() < 4) {
    return wrong(fmt::format("'{}' says not which way is better; add :lower or :higher", printable(parts[2])));
  }
  return column;
}

Result<Column> column_of(const std::string& role, const std::string& name, const std::string& word) {
  const auto parts = split(role, ':');
  const auto kind = kRoles.find(parts.front());
  if (!kind) return Error{fmt::format("--map {}: a column is {}", printable(word, 200), kSyntax)};
  Column column;
  if (*kind == ColumnRole::metric) {
    auto metric = metric_column(parts, word);
    if (!metric) return metric.error();
    column = *std::move(metric);
  } else if (parts.size() > (*kind == ColumnRole::factor ? 2U : 1U)) {
    return Error{fmt::format("--map {}: nothing stands behind '{}'; a column is {}", printable(word, 200), parts.front(), kSyntax)};
  } else if (*kind == ColumnRole::factor) {
    column.name = parts.size() == 2 ? parts[1] : name;
    if (!plan::is_plain_name(column.name, false) || column.name == "out") {
      return Error{fmt::format("--map {}: '{}' is no name for a factor; give it one of letters, digits, '_' and '-', e.g. --map {}", printable(word, 200),
                               printable(column.name), printable(shell_word(name + "=factor:batch_size"), 200))};
    }
  }
  column.role = *kind;
  column.word = word;
  return column;
}

// ── What a column could be ────────────────────────────────────────────────────────────────────────

struct Looked {
  LevelType type = LevelType::text;
  std::vector<std::string> distinct;  // the first few
  std::size_t different = 0, empty = 0;
  double low = 0, high = 0;  // of numbers
  bool outcomes = true;      // all of them are
};

Looked look(const Table& table, std::size_t c) {
  constexpr std::size_t kShown = 4;
  Looked looked;
  looked.type = level_type_of(table, c);
  std::set<std::string_view> seen;
  bool first = true;
  for (const Table::Row& row : table.rows) {
    const std::string& cell = row.cells[c];
    if (cell.empty()) {
      ++looked.empty;
      continue;
    }
    if (seen.insert(cell).second && looked.distinct.size() < kShown) looked.distinct.push_back(cell);
    looked.outcomes = looked.outcomes && outcome_named(cell).has_value();
    if (const auto x = number_in(cell)) {
      looked.low = first ? *x : std::min(looked.low, *x);
      looked.high = first ? *x : std::max(looked.high, *x);
      first = false;
    }
  }
  looked.different = seen.size();
  return looked;
}

/// A name that --map takes for a metric: "Latency (ms)" → "latency".
std::string plain(const std::string& name) {
  std::string out;
  for (const char c : lower_case(name)) {
    if (is_letter_or_digit(c) || c == '_') {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (out.ends_with('_')) out.pop_back();
  if (out.empty() || !plan::is_plain_name(out, false)) out = "value_" + out;
  return out.substr(0, 60);
}

bool has(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.find(w) != std::string_view::npos; });
}

std::string proposed_metric(const std::string& column, const Looked& looked) {
  struct Ending {
    std::string_view ending, unit, base;
  };
  constexpr std::array kEndings{Ending{"_ms", "ms", "_s"}, Ending{"_us", "us", "_s"}, Ending{"_ns", "ns", "_s"}, Ending{"_min", "min", "_s"},
                                Ending{"_sec", "s", "_s"}, Ending{"_seconds", "s", "_s"}, Ending{"_s", "s", "_s"}, Ending{"_bytes", "B", "_bytes"},
                                Ending{"_kb", "kB", "_bytes"}, Ending{"_mb", "MB", "_bytes"}, Ending{"_mib", "MiB", "_bytes"}, Ending{"_gb", "GB", "_bytes"},
                                Ending{"_j", "J:lower", "_j"}, Ending{"_w", "W:lower", "_w"}, Ending{"gflops", "GFLOP/s", "flop_per_s"}};
  const std::string name = plain(column);
  if (has(name, {"per_s", "_per_sec", "throughput"})) return fmt::format("metric:{}:1/s", name);
  for (const auto& [ending, unit, base] : kEndings) {
    if (!name.ends_with(ending) || name.size() == ending.size()) continue;
    return fmt::format("metric:{}{}:{}", name.substr(0, name.size() - ending.size()), base, unit);
  }
  const bool share = has(name, {"acc", "f1", "recall", "precision", "auc", "ratio", "percent", "bleu", "iou"});
  if (share && looked.low >= 0 && looked.high <= 100) return fmt::format("metric:{}:{}", name, looked.high > 1 ? "%" : "ratio");
  if (has(name, {"time", "latency", "duration", "elapsed"})) return fmt::format("metric:{}_s:s", name);
  const bool lower = has(name, {"loss", "err", "cost", "params", "mse", "mae", "perplexity"});
  return fmt::format("metric:{}:1:{}", name, lower ? "lower" : "higher");
}

/// A proposal to read, not a guess to act on.
std::string proposed(const Table& table, const std::string& column, const Looked& looked) {
  const std::string name = lower_case(column);
  const auto is = [&](std::initializer_list<std::string_view> words) { return std::find(words.begin(), words.end(), name) != words.end(); };
  if (looked.different == 0 || column.starts_with('#')) return "ignore";
  if (looked.outcomes) return "outcome";
  if (is({"reason", "error", "error_message", "message"})) return "reason";
  if (is({"seed", "replicate", "rep", "run", "process", "repeat", "repetition", "run_id"})) return "replicate";
  if (is({"round", "trial", "block", "session"})) return "round";
  const bool level = looked.type == LevelType::text || looked.type == LevelType::boolean;
  const bool few = looked.type == LevelType::integer && (looked.different <= 12 && looked.different * 2 <= table.rows.size());
  if (level || few) return plan::is_plain_name(column, false) && column != "out" ? "factor" : fmt::format("factor:{}", plain(column));
  return proposed_metric(column, looked);
}

std::string type_text(const Looked& looked) {
  if (looked.different == 0) return "empty";
  std::vector<std::string> shown;
  for (const std::string& value : looked.distinct) shown.push_back(printable(value, 20));
  const std::string values = fmt::format("{}{}", fmt::join(shown, ", "), looked.different > shown.size() ? fmt::format(", … ({} different)", looked.different) : "");
  constexpr std::array<std::string_view, 4> kWords{"true/false", "integers", "numbers", "text"};
  const std::string text = fmt::format("{}: {}", kWords[static_cast<std::size_t>(looked.type)], values);
  return looked.empty > 0 ? fmt::format("{}; {} empty", text, looked.empty) : text;
}

/// Every column with what it looks like, and the line to paste.
Error unmapped(const Table& table, const std::vector<std::optional<Column>>& columns, const std::string& shown_name, const std::string& command) {
  constexpr std::size_t kShown = 40;
  std::vector<std::string> open;
  std::string list, words;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!columns[c]) open.push_back(printable(table.columns[c]));
    if (c >= kShown) continue;
    const Looked looked = look(table, c);
    const std::string word = columns[c] ? columns[c]->word : table.columns[c] + "=" + proposed(table, table.columns[c], looked);
    const bool by_format = columns[c] && std::find(table.known.begin(), table.known.end(), word) != table.known.end();
    list += fmt::format("\n  {:<20} {}{}", printable(table.columns[c], 40), type_text(looked), columns[c] ? fmt::format("  (is {})", word.substr(word.rfind('=') + 1)) : "");
    if (!by_format) words += " --map " + shell_word(word);
  }
  if (table.columns.size() > kShown) list += fmt::format("\n  and {} more", table.columns.size() - kShown);
  return Error{fmt::format("{}: nothing says what {} {}: {}; {} rows with\n{}\n\nCheck each --map of this line, and run it:\n  {}{}", shown_name,
                           open.size() == 1 ? "this column" : "these columns", open.size() == 1 ? "is" : "are", plan::listed(open), table.rows.size(), list.substr(1), command, words)};
}

Result<Done> check_whole(const Table& table, const std::vector<Column>& columns, const std::string& shown_name) {
  const auto count = [&](ColumnRole role) { return std::count_if(columns.begin(), columns.end(), [&](const Column& c) { return c.role == role; }); };
  constexpr std::ptrdiff_t kMostMetrics = 50, kMostFactors = 20;
  const auto wrong = [&](std::string_view what) { return Error{fmt::format("{}: {}", shown_name, what)}; };
  if (count(ColumnRole::factor) == 0) return wrong("no column is a factor; say what was varied, e.g. --map precision=factor");
  if (count(ColumnRole::metric) == 0) return wrong("no column is a metric; say what was measured, e.g. --map latency_ms=metric:latency_s:ms");
  if (count(ColumnRole::metric) > kMostMetrics || count(ColumnRole::factor) > kMostFactors) {
    return wrong(fmt::format("more than {} factors or {} metrics; --map the others to ignore", kMostFactors, kMostMetrics));
  }
  for (const ColumnRole role : {ColumnRole::replicate, ColumnRole::round, ColumnRole::outcome, ColumnRole::reason}) {
    if (count(role) > 1) return wrong(fmt::format("two columns are mapped to {}; keep one", kRoles.name(role)));
  }
  if (count(ColumnRole::reason) > 0 && count(ColumnRole::outcome) == 0) return wrong("a column is mapped to reason, and none to outcome, whose reason it would be");
  std::set<std::pair<ColumnRole, std::string>> names;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].role != ColumnRole::factor && columns[c].role != ColumnRole::metric) continue;
    if (names.emplace(columns[c].role, columns[c].name).second) continue;
    return wrong(fmt::format("column '{}' is mapped to the {} '{}', which another one is already; give it another name", printable(table.columns[c]),
                             kRoles.name(columns[c].role), columns[c].name));
  }
  return Done{};
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

LevelType level_type_of(const Table& table, std::size_t column) {
  bool boolean = true, integer = true, number = true, any = false;
  for (const Table::Row& row : table.rows) {
    const std::string& text = row.cells[column];
    if (text.empty()) continue;
    any = true;
    boolean = boolean && (text == "true" || text == "false" || text == "True" || text == "False");
    // A leading zero or a sign is part of a name ("007"), not of a number.
    const std::string_view digits = std::string_view(text).substr(text.front() == '-' ? 1 : 0);
    const bool named = text.front() == '+' || (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9');
    std::int64_t whole = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), whole);
    integer = integer && !named && failure == std::errc() && end == text.data() + text.size();
    number = number && !named && text.front() != ' ' && text.back() != ' ' && number_in(text).has_value();
    if (!boolean && !integer && !number) break;
  }
  if (!any) return LevelType::text;
  return boolean ? LevelType::boolean : integer ? LevelType::integer : number ? LevelType::number : LevelType::text;
}

Level level_in(std::string_view text, LevelType type) {
  switch (type) {
    case LevelType::boolean:
      return text == "true" || text == "True";
    case LevelType::integer: {
      std::int64_t whole = 0;
      std::from_chars(text.data(), text.data() + text.size(), whole);
      return whole;
    }
    case LevelType::number:
      return number_in(text).value_or(0) + 0.0;  // -0 is 0
    case LevelType::text:
      break;
  }
  return std::string(text);
}

Result<std::vector<Column>> read_map(const Table& table, const std::vector<std::string>& words, const std::string& shown_name, const std::string& command) {
  std::vector<std::optional<Column>> columns(table.columns.size());
  bool first_metric = true;
  for (std::size_t c = 0; c < table.known.size(); ++c) {
    const std::string& word = table.known[c];
    auto column = column_of(word.substr(word.rfind('=') + 1), table.columns[c], word);
    if (!column) return Error{fmt::format("{}: {}", shown_name, column.error().message)};
    column->primary = column->role == ColumnRole::metric && first_metric;
    first_metric = first_metric && column->role != ColumnRole::metric;
    columns[c] = *std::move(column);
  }
  std::set<std::string> given;
  for (const std::string& word : words) {
    const std::size_t sign = word.rfind('=');
    if (sign == std::string::npos || sign == 0) return Error{fmt::format("--map {}: write COLUMN=ROLE, e.g. --map precision=factor", printable(word, 200))};
    const std::string name = word.substr(0, sign);
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    if (found == table.columns.end()) {
      std::vector<std::string> shown;
      for (const std::string& column : table.columns) shown.push_back(printable(column));
      return Error{fmt::format("{}: there is no column '{}'; {}", shown_name, printable(name), plan::suggestion(name, shown, "there are"))};
    }
    if (!given.insert(name).second) return Error{fmt::format("--map {}: column '{}' is mapped twice; keep one", printable(word, 200), printable(name))};
    auto column = column_of(word.substr(sign + 1), name, word);
    if (!column) return column.error();
    columns[static_cast<std::size_t>(found - table.columns.begin())] = *std::move(column);
  }
  if (std::any_of(columns.begin(), columns.end(), [](const auto& c) { return !c; })) return unmapped(table, columns, shown_name, command);
  std::vector<Column> all;
  for (auto& column : columns) all.push_back(*std::move(column));
  if (auto whole = check_whole(table, all, shown_name); !whole) return whole.error();
  if (std::none_of(all.begin(), all.end(), [](const Column& c) { return c.role == ColumnRole::metric && c.primary; })) {
    for (Column& column : all) column.primary = true;  // what the format takes for the first metric was mapped to something else
  }
  return all;
}

}  // namespace assay::cli
