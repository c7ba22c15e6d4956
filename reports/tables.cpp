#include "reports/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/command_table.hpp"
#include "reports/comparison_table.hpp"
#include "reports/ladder_table.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

std::string p_text(double p) {
  return p < 0.0001 ? "< 0.0001" : with_decimals(p, p < 0.01 ? 4 : 2);
}

/// What the factors of a factorial design do on average, and what two do together. Main effects come first.
std::optional<TextTable> effects_table(const Report& report, int metric, const std::string& statistic) {
  Footnotes footnotes;
  TextTable table{
      .title = "Main effects and interactions: " +
               column_title(report.planned.metrics[static_cast<std::size_t>(metric)].metric, statistic),
      .caption =
          "A main effect is the geometric mean, over the other factors' levels, of a level's ratio "
          "to the reference level; an interaction of two levels is the ratio of their joint ratio to "
          "the product of both alone, 1 where each does the same with and without the other. Paired "
          "within rounds; p by t, Holm over this table.",
      .columns = {{"effect", false, 9, 5},
                  {"against", false, 7, 5},
                  {"ratio", true, 9, 8},
                  {"p", true, 8, 5}},
      .rows = {},
      .terminal_rows = 12,
      .footnotes = {}};
  for (const Effect& e : report.effects) {
    if (e.metric != metric || e.statistic != statistic) continue;
    std::vector<TextCell> row{words(effect_text(e.of)), words(effect_text(e.to), Tone::muted)};
    if (e.ratio) {
      row.push_back(cell_of(print_ratio(*e.ratio), footnotes.mark(reason_text(e.reason))));
    } else {
      row.push_back(words(std::string(kNothing), Tone::muted, footnotes.mark(reason_text(e.reason))));
    }
    row.push_back(e.p_adjusted ? words(p_text(*e.p_adjusted)) : nothing());
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return std::nullopt;
  table.footnotes = footnotes.lines();
  return table;
}

/// What was measured beside the primary metrics: values without comparisons.
std::optional<TextTable> other_metrics(const Report& report, int already_shown) {
  const Planned& planned = report.planned;
  std::vector<std::pair<int, std::string>> shown;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    if (planned.metrics[m].primary || static_cast<int>(m) == already_shown) continue;
    for (const std::string& statistic : planned.metrics[m].statistics)
      shown.emplace_back(static_cast<int>(m), statistic);
  }
  if (shown.empty()) return std::nullopt;
  Footnotes footnotes;
  TextTable table{.title = "Also measured",
                  .caption = "Values without comparisons.",
                  .columns = {},
                  .rows = {},
                  .terminal_rows = 0,
                  .footnotes = {}};
  const auto factors = varied_factors(planned);
  for (const std::string& name : factors) table.columns.push_back({name, false, 9, 5});
  int importance = 8;
  for (const auto& [m, statistic] : shown) {
    table.columns.push_back(
        {column_title(planned.metrics[static_cast<std::size_t>(m)].metric, statistic), true, importance, 0});
    importance = std::max(1, importance - 1);
  }
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    std::vector<TextCell> row;
    for (const std::string& name : factors) {
      const Level* level = planned.treatments[t].find(name);
      row.push_back(words(level ? shortest(*level) : std::string(kNothing)));
    }
    for (const auto& [m, statistic] : shown) {
      const Metric& metric = planned.metrics[static_cast<std::size_t>(m)].metric;
      const Cell* cell = find_cell(report.cells, static_cast<int>(t), m, statistic);
      if (cell->ending.ok()) {
        row.push_back(
            cell_of(print(*cell->value, metric.unit, metric.kind), footnotes.mark(provenance_note(*cell))));
      } else {
        row.push_back(
            words(outcome_text(cell->ending.outcome), Tone::muted, footnotes.mark(cell->ending.reason)));
      }
    }
    table.rows.push_back(std::move(row));
  }
  table.footnotes = footnotes.lines();
  return table;
}

/// What an iteration costs besides time, as counted.
std::optional<TextTable> counter_table(const Report& report) {
  const Planned& planned = report.planned;
  const auto shown = counter_columns(report.counters);
  if (shown.empty()) return std::nullopt;
  Footnotes footnotes;
  TextTable table{.title = "Counters",
                  .caption = "An iteration's, over the rounds that counted it.",
                  .columns = {},
                  .rows = {},
                  .terminal_rows = 0,
                  .footnotes = {}};
  const auto factors = varied_factors(planned);
  for (const std::string& name : factors) table.columns.push_back({name, false, 9, 5});
  for (const CounterColumn& c : shown) {
    const std::string mark = c.provenance == Provenance::simulated ? ", simulated" : "";
    table.columns.push_back({std::string(c.title) + mark, true, c.importance, 0});
  }
  const auto any = [&shown](auto is) { return std::any_of(shown.begin(), shown.end(), is); };
  const auto energy = [](const CounterColumn& c) { return c.counter.starts_with("energy_"); };
  const auto simulated = [](const CounterColumn& c) { return c.provenance == Provenance::simulated; };
  if (any([&](const CounterColumn& c) { return !c.software && !energy(c) && !simulated(c); }))
    table.caption += " The processor's counters count user mode, a set of them a round.";
  if (any(energy))
    table.caption += " Energy is that of the whole machine meanwhile, out of blocks of a second.";
  if (any(simulated))
    table.caption +=
        " Simulated: one iteration in an emulator, with caches of this machine's sizes that are warm.";
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    std::vector<TextCell> row;
    for (const std::string& name : factors) {
      const Level* level = planned.treatments[t].find(name);
      row.push_back(words(level ? shortest(*level) : std::string(kNothing)));
    }
    for (const CounterColumn& c : shown) {
      const auto v =
          std::find_if(report.counters.begin(), report.counters.end(), [&](const CounterValue& value) {
            return value.treatment == static_cast<int>(t) && value.counter == c.counter &&
                   (value.provenance == Provenance::simulated) == (c.provenance == Provenance::simulated);
          });
      if (v == report.counters.end()) {
        row.push_back(nothing());
        continue;
      }
      row.push_back(cell_of(v->unit == "1" ? print_count(v->value) : print(v->value, v->unit, Kind::rate),
                            footnotes.mark(v->note)));
    }
    table.rows.push_back(std::move(row));
  }
  table.footnotes = footnotes.lines();
  return table;
}

}  // namespace

std::vector<TextTable> tables_of(const Report& report) {
  if (compares_commands(report)) return {command_table(report)};
  std::vector<TextTable> tables;
  for (const Ladder& ladder : report.ladders) tables.push_back(ladder_table(report, ladder));
  const int by_ladder = report.ladders.empty() ? -1 : report.elapsed_metric;
  for (std::size_t m = 0; m < report.planned.metrics.size(); ++m) {
    const PlannedMetric& metric = report.planned.metrics[m];
    for (std::size_t s = 0; s < metric.statistics.size() && metric.primary; ++s) {
      if (static_cast<int>(m) == by_ladder && s == 0) continue;
      tables.push_back(comparison_table(report, static_cast<int>(m), metric.statistics[s]));
      if (auto effects = effects_table(report, static_cast<int>(m), metric.statistics[s]))
        tables.push_back(*std::move(effects));
    }
  }
  if (auto others = other_metrics(report, by_ladder)) tables.push_back(*std::move(others));
  if (auto counters = counter_table(report)) tables.push_back(*std::move(counters));
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
