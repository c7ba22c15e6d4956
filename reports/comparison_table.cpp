#include "reports/comparison_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/item_results.hpp"
#include "reports/rate_columns.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

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

constexpr std::string_view kItemsCaption =
    " Over items: Wilson's interval of a value, Newcombe's of a difference, p by McNemar's mid-p test. "
    "Flips: items "
    "that only this row answered right (+), and that only its baseline did (−). Keeps 99 %: at least 0.99 of "
    "the "
    "baseline's share, by a one-sided score test at 5 %, not adjusted.";

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
                    (constants.empty() ? "" : " At " + constants + ".") + placement_text(planned_) +
                    (metric.provenance == Provenance::imported ? " Imported: measured elsewhere, without a control." : "");
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
    find_accuracies();
    for (const Beside& b : beside_) {
      const std::string& name = planned_.metrics[static_cast<std::size_t>(b.metric)].metric.name;
      table.columns.push_back({name, true, 7, 4});
      table.columns.push_back({"flips", true, 6, 4});
    }
    if (!beside_.empty()) table.caption += " Flips: items that only this row answered right (+), and that only its baseline did (−).";
    table.columns.push_back({"verdict", false, 9, 5});
    const auto blocks = row_blocks(planned_);
    for (const RowBlock& block : blocks) {
      if (!table.rows.empty()) table.block_starts.push_back(table.rows.size());
      for (const int t : block.rows) table.rows.push_back(row(t, factors, metric, rates));
    }
    if (has_bold_)
      table.bold_note = fmt::format("Bold: best, and significantly so against every other row{}.",
                                   blocks.size() > 1 ? " with that baseline" : "");
    table.footnotes = footnotes_.lines();
    table.status = status_text(report_, metric_, statistic_);
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
      add_accuracies(treatment, cells);
      cells.push_back(words(cell->ending.reason, tone));
      return cells;
    }
    const std::string provenance = provenance_note(*cell);
    std::string note;
    if (cell->deterministic) note = "deterministic: equal in all replicates";
    if (cell->items)
      note = "the same answers in all replicates: 95 % interval " + over_items_text(cell->items->count);
    if (cell->answers_differ)
      note = "answers differ between replicates: 95 % interval over rounds, not over items";
    note = provenance + (provenance.empty() || note.empty() ? "" : "; ") + note;
    cells.push_back(cell_of(print(*cell->value, metric.unit, metric.kind), footnotes_.mark(note)));
    mark_best(*cell, cells.back());
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
      add_accuracies(treatment, cells);
      cells.push_back(words(is_baseline ? "baseline" : "", Tone::muted));
      return;
    }
    const Comparison* c = find_comparison(report_.comparisons, treatment, *baseline, metric_, statistic_);
    if (!c || !c->effect) {
      cells.push_back(nothing());
      add_items(c, cells);
      add_accuracies(treatment, cells);
      cells.push_back(words(c ? verdict_text(*c) : "", Tone::muted));
      return;
    }
    const std::string mark = c->modelled ? footnotes_.mark("a side is modelled: no verdict") : "";
    cells.push_back(c->scale == Scale::ratio
                        ? cell_of(print_ratio(*c->effect), mark)
                        : cell_of(print_difference(*c->effect, metric.unit, metric.kind), mark));
    add_items(c, cells);
    add_accuracies(treatment, cells);
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

  /// A proportion that is known item by item, beside a table of something else: no gain without what it cost.
  struct Beside {
    int metric;
    std::string statistic;
  };
  void find_accuracies() {
    const Kind kind = planned_.metrics[static_cast<std::size_t>(metric_)].metric.kind;
    if (kind != Kind::time && kind != Kind::rate) return;
    for (const Comparison& c : report_.comparisons) {
      const auto is_it = [&](const Beside& b) { return b.metric == c.metric; };
      if (c.items && c.metric != metric_ && std::none_of(beside_.begin(), beside_.end(), is_it)) beside_.push_back({c.metric, c.statistic});
    }
  }
  void add_accuracies(int treatment, std::vector<TextCell>& cells) {
    for (const Beside& b : beside_) {
      const Metric& metric = planned_.metrics[static_cast<std::size_t>(b.metric)].metric;
      const Cell* cell = find_cell(report_.cells, treatment, b.metric, b.statistic);
      const auto& baseline = planned_.baseline_of[static_cast<std::size_t>(treatment)];
      const Comparison* c = baseline && *baseline != treatment ? find_comparison(report_.comparisons, treatment, *baseline, b.metric, b.statistic) : nullptr;
      if (cell->ending.ok()) {
        cells.push_back(cell_of(print(*cell->value, metric.unit, metric.kind)));
        mark_best(*cell, cells.back());
      } else {
        cells.push_back(words(outcome_text(cell->ending.outcome), Tone::muted, footnotes_.mark(cell->ending.reason)));
      }
      cells.push_back(c && c->items ? words(fmt::format("+{} −{}", c->items->counts.only_of, c->items->counts.only_to)) : nothing());
    }
  }

  void mark_best(const Cell& cell, TextCell& shown) {
    shown.bold = is_best(report_.best, cell.treatment, cell.metric, cell.statistic);
    has_bold_ = has_bold_ || shown.bold;
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
  bool has_bold_ = false;
  std::vector<Beside> beside_;
  Footnotes footnotes_;
};

}  // namespace

TextTable comparison_table(const Report& report, int metric, const std::string& statistic) {
  return ComparisonTable(report, metric, statistic).build();
}

}  // namespace assay::reports
