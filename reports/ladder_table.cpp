// The table of a ladder: each rung against the baseline and against the rung before, and what was published of it. The other primary
// metrics are columns of it, values alone.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reports/rate_columns.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

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
    for (std::size_t m = 0; m < report_.planned.metrics.size(); ++m) {
      if (report_.planned.metrics[m].primary && static_cast<int>(m) != report_.elapsed_metric) others_.push_back(static_cast<int>(m));
    }
    has_published_ = any([&](const LadderRow& r) { return r.published >= 0; });
    has_published_value_ = any([&](const LadderRow& r) { return r.published >= 0 && published_of(r)->value; });
    TextTable table;
    table.title =
        report_.ladders.size() == 1 ? "Ladder" : "Ladder at " + common_text(ladder_.shared, ladder_.shared);
    table.columns = columns();
    for (const LadderRow& row : ladder_.rows) table.rows.push_back(line(row, cell(row)));
    table.caption = caption();
    table.footnotes = footnotes_.lines();
    table.status = status_text(report_, report_.elapsed_metric);
    return table;
  }

private:
  std::vector<TextColumn> columns() const {
    std::vector<TextColumn> list{{report_.planned.table.along, false, 9, 5}, {elapsed_title(report_), true, 9, 6}};
    rates_->add_rate_titles(list);
    list.push_back({fmt::format("absolute {}", gain_word(report_)), true, 9, 2});
    list.push_back({fmt::format("relative {}", gain_word(report_)), true, 9, 7});
    rates_->add_share_title(list);
    int importance = 8;
    for (const int m : others_) {
      const PlannedMetric& other = report_.planned.metrics[static_cast<std::size_t>(m)];
      list.push_back({column_title(other.metric, other.statistics.front()), true, importance, 0});
      importance = std::max(1, importance - 1);
    }
    if (has_published_value_) {
      list.push_back({"published", true, 8, 1});
    } else if (has_published_) {
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
      const Metric& metric = elapsed_of(report_).metric;
      cells.push_back(cell_of(print(*cell.value, metric.unit, metric.kind), footnotes_.mark(provenance_note(cell))));
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
      relative.mark = footnotes_.mark(elapsed_of(report_).metric.kind == Kind::time ? "not faster than the row above" : "not less than the row above");
    }
    cells.push_back(relative);
    rates_->add_share(cell, cells, footnotes_);
    for (const int m : others_) cells.push_back(other(row.treatment, m));
    if (has_published_) published(row, cells);
    return cells;
  }

  TextCell other(int treatment, int m) {
    const PlannedMetric& metric = report_.planned.metrics[static_cast<std::size_t>(m)];
    const Cell& cell = *find_cell(report_.cells, treatment, m, metric.statistics.front());
    if (cell.ending.ok())
      return cell_of(print(*cell.value, metric.metric.unit, metric.metric.kind), footnotes_.mark(provenance_note(cell)));
    return words(outcome_text(cell.ending.outcome), Tone::muted, footnotes_.mark(cell.ending.reason));
  }

  static TextCell speedup(const Speedup& s) {
    if (!s.value) return nothing();
    return s.value->value == 1 && !s.value->interval ? words("1")
                                                     : cell_of(print_ratio(*s.value));  // the baseline itself
  }

  const PublishedRow* published_of(const LadderRow& row) const {
    return row.published >= 0 ? &report_.planned.published->rows[static_cast<std::size_t>(row.published)] : nullptr;
  }

  /// Beside ours, and no ratio to it: it was another set-up.
  void published(const LadderRow& row, std::vector<TextCell>& cells) const {
    const PublishedRow* p = published_of(row);
    // As the paper prints them: they aren't ours to round.
    const auto shown = [](const std::optional<double>& value, double factor, int decimals) {
      return value ? words(with_decimals(*value * factor, decimals), Tone::muted) : nothing();
    };
    if (has_published_value_) {
      cells.push_back(shown(p ? p->value : std::nullopt, 1, 0));
      return;
    }
    TextCell time = shown(p ? p->time_s : std::nullopt, 1, 2);
    if (p && p->time_s) time.text += " s";
    cells.push_back(time);
    cells.push_back(shown(p ? p->speedup_absolute : std::nullopt, 1, 0));
    cells.push_back(shown(p ? p->peak_fraction : std::nullopt, 100, 2));
  }

  std::string caption() const {
    const Planned& planned = report_.planned;
    std::string text = fmt::format("Absolute {}: against ", gain_word(report_));
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
  std::vector<int> others_;  // primary metrics beside the one that is climbed
  bool has_published_ = false, has_published_value_ = false;
  Footnotes footnotes_;
};

}  // namespace

/// One for each combination of the other factors; the time of the elapsed metric, which no other table repeats.
std::vector<TextTable> ladder_tables(const Report& report) {
  std::vector<TextTable> tables;
  for (const Ladder& ladder : report.ladders) tables.push_back(LadderTable(report, ladder).build());
  return tables;
}

}  // namespace assay::reports
