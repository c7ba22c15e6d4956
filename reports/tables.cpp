#include "reports/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/item_results.hpp"
#include "reports/sentences.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

constexpr std::string_view kNothing = "–";

/// "modelled (8 of 1024 rows)", "imported": every number that was not measured here carries its mark.
std::string provenance_note(const Cell& cell) {
  if (cell.provenance == Provenance::measured) return "";
  const std::string word(name_of(cell.provenance));
  return cell.modelled.empty() ? word : fmt::format("{} ({})", word, cell.modelled);
}

std::string outcome_text(Outcome outcome) {
  return reason_text(std::string(name_of(outcome)));
}

TextCell cell_of(const Printed& printed, std::string mark = "", bool with_unit = true) {
  return {with_unit ? printed.value : printed.number, printed.interval, Tone::plain, std::move(mark)};
}

TextCell words(std::string text, Tone tone = Tone::plain, std::string mark = "") {
  return {std::move(text), "", tone, std::move(mark)};
}

TextCell nothing() {
  return words(std::string(kNothing), Tone::muted);
}

/// "openblas 0.3.21 SkylakeX" where this level of the factor has a worker of its own, which serves no other:
/// its kernels are then what the row is about.
std::string library_note(const Planned& planned, const std::string& factor, int treatment) {
  const auto index = static_cast<std::size_t>(treatment);
  const Level* level = planned.treatments[index].find(factor);
  bool alone = true;
  for (std::size_t t = 0; t < planned.treatments.size() && level; ++t) {
    const Level* other = planned.treatments[t].find(factor);
    const bool same_worker = planned.workers[t] == planned.workers[index];
    if (!other || (*other == *level) != same_worker) return "";
    alone = alone && same_worker;
  }
  return level && !alone ? planned.libraries[index] : "";
}

std::vector<std::string> varied_factors(const Planned& planned) {
  std::vector<std::string> names;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() > 1) names.push_back(factor.name);
  }
  if (names.empty() && !planned.factors.empty()) names.push_back(planned.factors.front().name);
  return names;
}

std::string p_text(double p) {
  return p < 0.0001 ? "< 0.0001" : with_decimals(p, p < 0.01 ? 4 : 2);
}

std::string column_title(const Metric& metric, const std::string& statistic) {
  return statistic == "typical" ? metric.name : fmt::format("{}, {}", metric.name, statistic);
}

/// Titles of tables: "Running time" for the common word, else the metric's name.
std::string table_title(const Metric& metric, const std::string& statistic) {
  return column_title(metric, statistic) +
         (metric.direction == Direction::lower ? " (lower is better)" : " (higher is better)");
}

std::string baseline_phrase(const Report& report, int metric, std::string_view paired = "within rounds") {
  const Planned& planned = report.planned;
  std::vector<int> baselines;
  for (const auto& b : planned.baseline_of) {
    if (b && std::find(baselines.begin(), baselines.end(), *b) == baselines.end()) baselines.push_back(*b);
  }
  if (baselines.empty()) return "Nothing is compared: the experiment names no baseline.";
  const bool ratio = natural_scale(planned.metrics[static_cast<std::size_t>(metric)].metric) == Scale::ratio;
  const std::string what = ratio ? "Ratios are of a row's value to that of the baseline"
                                 : "Differences are a row's value less that of the baseline";
  const std::string who =
      baselines.size() == 1
          ? fmt::format(" ({})", short_name(planned.treatments[static_cast<std::size_t>(baselines[0])],
                                            planned.factors))
          : " that equals it in all other factors";
  return fmt::format("{}{}, paired {}.", what, who, paired);
}

/// How fast the work went, and against which limit: columns that tables of time share.
class RateColumns {
public:
  RateColumns(const Report& report, const std::vector<const Cell*>& cells) : report_(report) {
    const auto any = [&](auto has) {
      return std::any_of(cells.begin(), cells.end(), [&](const Cell* c) { return has(*c); });
    };
    flop_ = any([](const Cell& c) { return c.flop_per_s.has_value(); });
    memory_bound_ = any([](const Cell& c) { return c.bound_fraction && c.bound != "peak"; });
    bytes_ = memory_bound_ || any([](const Cell& c) { return c.bytes_per_s && !c.flop_per_s; });
    share_ = memory_bound_ || any([](const Cell& c) { return c.peak_fraction.has_value(); });
  }

  void add_rate_titles(std::vector<TextColumn>& columns) const {
    if (flop_) columns.push_back({"GFLOP/s", true, 4, 1});
    if (bytes_) columns.push_back({"GB/s", true, 3, 1});
  }
  void add_rates(const Cell& cell, std::vector<TextCell>& cells) const {
    const auto giga = [](const std::optional<Number>& rate) {
      return rate ? cell_of(print_ratio(scaled(*rate, 1e-9))) : nothing();
    };
    if (flop_) cells.push_back(giga(cell.flop_per_s));
    if (bytes_) cells.push_back(giga(cell.bytes_per_s));
  }
  /// "% of peak" where floating point bounds every row, else "% of bound".
  void add_share_title(std::vector<TextColumn>& columns) const {
    if (share_) columns.push_back({memory_bound_ ? "% of bound" : "% of peak", true, 5, 3});
  }
  void add_share(const Cell& cell, std::vector<TextCell>& cells, Footnotes& footnotes) const {
    if (!share_) return;
    const auto& share = memory_bound_ ? cell.bound_fraction : cell.peak_fraction;
    if (!share) return cells.push_back(nothing());
    std::string note;
    if (memory_bound_ && cell.bound != "peak") {
      note = fmt::format(
          "bound by reading from {}{}", level_name(cell.bound),
          cell.bound_in_rounds ? "" : ", as the machine sheet has it, measured before the rounds");
    }
    cells.push_back(cell_of(print_percent(*share), footnotes.mark(note), false));
  }
  /// " Peak: the FMA loop in the same rounds, 102 GFLOP/s [101, 103]."; or nothing.
  std::string caption() const {
    if (!share_) return "";
    std::string text;
    const bool one_team = std::all_of(report_.limits.begin(), report_.limits.end(), [&](const Limit& l) {
      return l.threads == report_.limits.front().threads;
    });
    for (const Limit& limit : report_.limits) {
      if (limit.peak < 0) continue;
      const bool memory = !limit.level.empty();
      const Printed rate = print(limit.rate, memory ? "B/s" : "FLOP/s", Kind::rate);
      text += fmt::format(" {}{}: {} in the same rounds, {}{}.", memory ? limit.name : "Peak",
                          one_team ? "" : " of " + counted(limit.threads, "thread"),
                          memory ? "reading from it" : "the FMA loop", rate.value,
                          rate.interval.empty() ? "" : " " + rate.interval);
    }
    if (memory_bound_)
      text +=
          " Bound: the least of the peak and of what the memory level that holds the work's data can deliver "
          "(roofline).";
    return text;
  }

private:
  const Report& report_;
  bool flop_ = false, bytes_ = false, share_ = false, memory_bound_ = false;
};

constexpr std::string_view kItemsCaption =
    " Over items: Wilson's interval of a value, Newcombe's of a difference, p by McNemar's mid-p test. "
    "Flips: items "
    "that only this row answered right (+), and that only its baseline did (−). Keeps 99 %: at least 0.99 of "
    "the "
    "baseline's share, by a one-sided score test at 5 %, not adjusted.";

/// How the sides shared the machine, where it isn't by turns; or nothing.
std::string placement_text(const Planned& planned) {
  if (planned.placement != plan::Placement::duet) return "";
  return " Placement duet: the two sides of a comparison ran at once, each on a core of its own.";
}

/// One metric and statistic: a family of comparisons.
class ComparisonTable {
public:
  ComparisonTable(const Report& report, int metric, std::string statistic)
      : report_(report), planned_(report.planned), metric_(metric), statistic_(std::move(statistic)) {}

  TextTable build() {
    const Metric& metric = planned_.metrics[static_cast<std::size_t>(metric_)].metric;
    TextTable table;
    table.title = table_title(metric, statistic_);
    const std::string constants = constants_text(planned_);
    std::vector<const Cell*> cells;
    for (std::size_t t = 0; t < planned_.treatments.size(); ++t) {
      cells.push_back(find_cell(report_.cells, static_cast<int>(t), metric_, statistic_));
    }
    const RateColumns rates(report_, cells);
    int over_items = 0, over_rounds = 0;
    for (const Comparison& c : report_.comparisons) {
      if (c.metric == metric_ && c.statistic == statistic_ && c.effect)
        ++(c.items ? over_items : over_rounds);
    }
    by_items_ = over_items > 0;
    const std::string_view paired = !by_items_         ? "within rounds"
                                    : over_rounds == 0 ? "item by item"
                                                       : "item by item or, without flips, within rounds";
    table.caption = baseline_phrase(report_, metric_, paired) + rates.caption() +
                    std::string(by_items_ ? kItemsCaption : "") +
                    (constants.empty() ? "" : " At " + constants + ".") + placement_text(planned_);
    const auto factors = varied_factors(planned_);
    for (const std::string& name : factors) table.columns.push_back({name, false, 9, 5});
    table.columns.push_back({column_title(metric, statistic_), true, 9, 4});
    rates.add_rate_titles(table.columns);
    rates.add_share_title(table.columns);
    table.columns.push_back({natural_scale(metric) == Scale::ratio ? "ratio" : "difference", true, 8, 6});
    if (by_items_) {
      table.columns.push_back({"flips", true, 4, 5});
      table.columns.push_back({"keeps 99 %", true, 3, 5});
      table.columns.push_back({"keeps 99.9 %", true, 2, 5});
    }
    table.columns.push_back({"verdict", false, 9, 5});
    for (std::size_t t = 0; t < planned_.treatments.size(); ++t)
      table.rows.push_back(row(static_cast<int>(t), factors, metric, rates));
    table.footnotes = footnotes_.lines();
    return table;
  }

private:
  std::vector<TextCell> row(int treatment, const std::vector<std::string>& factors, const Metric& metric,
                            const RateColumns& rates) {
    std::vector<TextCell> cells;
    for (const std::string& name : factors) {
      const Level* level = planned_.treatments[static_cast<std::size_t>(treatment)].find(name);
      cells.push_back(words(level ? shortest(*level) : std::string(kNothing), Tone::plain,
                            footnotes_.mark(library_note(planned_, name, treatment))));
    }
    const Cell* cell = find_cell(report_.cells, treatment, metric_, statistic_);
    if (!cell->ending.ok()) {
      const Tone tone = cell->ending.outcome == Outcome::unsupported ? Tone::muted : Tone::bad;
      cells.push_back(words(outcome_text(cell->ending.outcome), tone));
      rates.add_rates(*cell, cells);
      rates.add_share(*cell, cells, footnotes_);
      cells.push_back(nothing());
      add_items(nullptr, cells);
      cells.push_back(words(cell->ending.reason, tone));
      return cells;
    }
    std::string note = provenance_note(*cell);
    if (cell->deterministic) note = "deterministic: equal in all replicates";
    if (cell->items)
      note = "the same answers in all replicates: 95 % interval " + over_items_text(cell->items->count);
    if (cell->answers_differ)
      note = "answers differ between replicates: 95 % interval over rounds, not over items";
    cells.push_back(cell_of(print(*cell->value, metric.unit, metric.kind), footnotes_.mark(note)));
    rates.add_rates(*cell, cells);
    rates.add_share(*cell, cells, footnotes_);
    compare(treatment, metric, cells);
    return cells;
  }

  void compare(int treatment, const Metric& metric, std::vector<TextCell>& cells) {
    const auto& baseline = planned_.baseline_of[static_cast<std::size_t>(treatment)];
    if (!baseline || *baseline == treatment) {
      const bool is_baseline =
          std::any_of(planned_.pairs.begin(), planned_.pairs.end(),
                      [&](const PlannedPair& p) { return p.in_table && p.to == treatment; });
      cells.push_back(words(
          is_baseline && natural_scale(metric) == Scale::ratio ? "1" : std::string(kNothing), Tone::muted));
      add_items(nullptr, cells);
      cells.push_back(words(is_baseline ? "baseline" : "", Tone::muted));
      return;
    }
    const Comparison* c = find_comparison(report_.comparisons, treatment, *baseline, metric_, statistic_);
    if (!c || !c->effect) {
      cells.push_back(nothing());
      add_items(c, cells);
      cells.push_back(words(c ? verdict_text(*c) : "", Tone::muted));
      return;
    }
    const std::string mark = c->modelled ? footnotes_.mark("a side is modelled: no verdict") : "";
    cells.push_back(c->scale == Scale::ratio
                        ? cell_of(print_ratio(*c->effect), mark)
                        : cell_of(print_difference(*c->effect, metric.unit, metric.kind), mark));
    add_items(c, cells);
    cells.push_back(words(c->modelled ? std::string(kNothing) : verdict_text(*c), tone_of(*c)));
  }

  /// Which items turned, and whether the accuracy that a gate asks for is kept.
  void add_items(const Comparison* c, std::vector<TextCell>& cells) const {
    if (!by_items_) return;
    if (!c || !c->items) {
      for (int i = 0; i < 3; ++i) cells.push_back(nothing());
      return;
    }
    cells.push_back(words(fmt::format("+{} −{}", c->items->counts.only_of, c->items->counts.only_to)));
    for (const auto& gate : c->items->gates)
      cells.push_back(words(gate.passed() ? "yes" : "not shown", gate.passed() ? Tone::plain : Tone::muted));
  }

  static Tone tone_of(const Comparison& c) {
    if (c.verdict == stats::Verdict::better) return Tone::good;
    if (c.verdict == stats::Verdict::worse) return Tone::bad;
    return Tone::muted;
  }

  const Report& report_;
  const Planned& planned_;
  int metric_;
  std::string statistic_;
  bool by_items_ = false;  // a comparison is over items
  Footnotes footnotes_;
};

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

class LadderTable {
public:
  LadderTable(const Report& report, const Ladder& ladder) : report_(report), ladder_(ladder) {}

  TextTable build() {
    const auto any = [&](auto has) { return std::any_of(ladder_.rows.begin(), ladder_.rows.end(), has); };
    const auto cell = [&](const LadderRow& row) -> const Cell& {
      return report_.cells[static_cast<std::size_t>(row.cell)];
    };
    std::vector<const Cell*> cells;
    for (const LadderRow& row : ladder_.rows) cells.push_back(&cell(row));
    rates_.emplace(report_, cells);
    has_published_ = any([&](const LadderRow& r) { return r.published >= 0; });
    TextTable table;
    table.title =
        report_.ladders.size() == 1 ? "Ladder" : "Ladder at " + common_text(ladder_.shared, ladder_.shared);
    table.columns = columns();
    for (const LadderRow& row : ladder_.rows) table.rows.push_back(line(row, cell(row)));
    table.caption = caption();
    table.footnotes = footnotes_.lines();
    return table;
  }

private:
  std::vector<TextColumn> columns() const {
    std::vector<TextColumn> list{{report_.planned.table.along, false, 9, 5}, {"running time", true, 9, 6}};
    rates_->add_rate_titles(list);
    list.push_back({"absolute speedup", true, 9, 2});
    list.push_back({"relative speedup", true, 9, 7});
    rates_->add_share_title(list);
    if (has_published_) {
      list.push_back({"published time", true, 1, 1});
      list.push_back({"published absolute", true, 3, 1});
      list.push_back({"published % of peak", true, 0, 1});
    }
    return list;
  }

  std::vector<TextCell> line(const LadderRow& row, const Cell& cell) {
    std::vector<TextCell> cells{
        words(row.version, Tone::plain,
              footnotes_.mark(library_note(report_.planned, report_.planned.table.along, row.treatment)))};
    if (cell.ending.ok()) {
      cells.push_back(cell_of(print(*cell.value, "s"), footnotes_.mark(provenance_note(cell))));
    } else {
      const bool bad = cell.ending.outcome != Outcome::unsupported;
      cells.push_back(words(outcome_text(cell.ending.outcome), bad ? Tone::bad : Tone::muted,
                            footnotes_.mark(cell.ending.reason)));
    }
    rates_->add_rates(cell, cells);
    cells.push_back(speedup(row.absolute));
    TextCell relative = speedup(row.relative);
    if (!row.faster_than_before) {
      relative.tone = Tone::bad;
      relative.mark = footnotes_.mark("not faster than the row above");
    }
    cells.push_back(relative);
    rates_->add_share(cell, cells, footnotes_);
    if (has_published_) published(row, cells);
    return cells;
  }

  static TextCell speedup(const Speedup& s) {
    if (!s.value) return nothing();
    return s.value->value == 1 && !s.value->interval ? words("1")
                                                     : cell_of(print_ratio(*s.value));  // the baseline itself
  }

  void published(const LadderRow& row, std::vector<TextCell>& cells) const {
    const PublishedRow* p = row.published >= 0
                                ? &report_.planned.published->rows[static_cast<std::size_t>(row.published)]
                                : nullptr;
    // As the paper prints them: they aren't ours to round.
    const auto shown = [](const std::optional<double>& value, double factor, int decimals) {
      return value ? words(with_decimals(*value * factor, decimals), Tone::muted) : nothing();
    };
    TextCell time = shown(p ? p->time_s : std::nullopt, 1, 2);
    if (p && p->time_s) time.text += " s";
    cells.push_back(time);
    cells.push_back(shown(p ? p->speedup_absolute : std::nullopt, 1, 0));
    cells.push_back(shown(p ? p->peak_fraction : std::nullopt, 100, 2));
  }

  std::string caption() const {
    const Planned& planned = report_.planned;
    std::string text = "Absolute speedup: against ";
    const auto first = std::find_if(ladder_.rows.begin(), ladder_.rows.end(), [&](const LadderRow& r) {
      return planned.baseline_of[static_cast<std::size_t>(r.treatment)].has_value();
    });
    text += first == ladder_.rows.end()
                ? "the baseline"
                : short_name(planned.treatments[static_cast<std::size_t>(
                                 *planned.baseline_of[static_cast<std::size_t>(first->treatment)])],
                             planned.factors);
    text += "; relative: against the row above";
    const auto rung = std::find_if(ladder_.rows.rbegin(), ladder_.rows.rend(),
                                   [](const LadderRow& r) { return !r.ceiling; });
    std::vector<std::string> ceilings;
    for (const LadderRow& row : ladder_.rows) {
      if (row.ceiling) ceilings.push_back(row.version);
    }
    if (!ceilings.empty() && rung != ladder_.rows.rend()) {
      text += fmt::format(", of {} against {}", fmt::join(ceilings, ", "), rung->version);
    }
    text += "; both paired within rounds.";
    text += rates_->caption();
    if (has_published_) {
      const Published& p = *planned.published;
      text += fmt::format(" Published: {}.", published_where(p));
    }
    if (const std::string constants = constants_text(planned); !constants.empty())
      text += " At " + constants + ".";
    return text + placement_text(planned);
  }

  const Report& report_;
  const Ladder& ladder_;
  std::optional<RateColumns> rates_;
  bool has_published_ = false;
  Footnotes footnotes_;
};

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
  std::vector<TextTable> tables;
  for (const Ladder& ladder : report.ladders) tables.push_back(LadderTable(report, ladder).build());
  const int by_ladder = report.ladders.empty() ? -1 : report.elapsed_metric;
  for (std::size_t m = 0; m < report.planned.metrics.size(); ++m) {
    const PlannedMetric& metric = report.planned.metrics[m];
    for (std::size_t s = 0; s < metric.statistics.size() && metric.primary; ++s) {
      if (static_cast<int>(m) == by_ladder && s == 0) continue;
      tables.push_back(ComparisonTable(report, static_cast<int>(m), metric.statistics[s]).build());
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
