#include "reports/effects_table.hpp"

#include <fmt/format.h>

#include <cmath>

#include "harness/core/units.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

std::string p_text(double p) {
  return p < 0.0001 ? "< 0.0001" : with_decimals(p, p < 0.01 ? 4 : 2);
}

/// What stands behind the ratio's 1: the geometric mean of the cells at the levels that the effect is
/// against.
TextCell reference(const Report& report, const Effect& e) {
  double logs = 0;
  int count = 0;
  for (const Cell& c : report.cells) {
    if (c.metric != e.metric || c.statistic != e.statistic) continue;
    if (!report.planned.treatments[static_cast<std::size_t>(c.treatment)].matches(e.to)) continue;
    if (!c.ending.ok() || !c.value || !(c.value->value > 0)) return nothing();
    logs += std::log(c.value->value);
    ++count;
  }
  if (count == 0) return nothing();
  const Metric& metric = report.planned.metrics[static_cast<std::size_t>(e.metric)].metric;
  return words(with_unit(std::exp(logs / count), metric.unit), Tone::muted);
}

}  // namespace

std::optional<TextTable> effects_table(const Report& report, int metric, const std::string& statistic) {
  Footnotes footnotes;
  TextTable table;
  table.title = "Main effects and interactions: " +
                column_title(report.planned.metrics[static_cast<std::size_t>(metric)].metric, statistic);
  table.caption =
      "A main effect is the geometric mean, over the other factors' levels, of a level's ratio "
      "to the reference level; an interaction of two levels is the ratio of their joint ratio to "
      "the product of both alone, 1 where each does the same with and without the other. Reference: the "
      "geometric "
      "mean of the values at the levels that the effect is against. Paired within rounds; p by t, Holm over "
      "this "
      "table.";
  table.columns = {{"effect", false, 9, 5},
                   {"against", false, 7, 5},
                   {"reference", true, 6, 5},
                   {"ratio", true, 9, 8},
                   {"p", true, 8, 5}};
  table.terminal_rows = 12;
  bool any_main = false;  // of a design in which every main effect lacks a cell there is nothing to show
  for (const Effect& e : report.effects) {
    if (e.metric != metric || e.statistic != statistic) continue;
    std::vector<TextCell> row{words(effect_text(e.of)), words(effect_text(e.to), Tone::muted),
                              reference(report, e)};
    any_main = any_main || (e.ratio && e.of.levels().size() == 1);
    if (e.ratio) {
      row.push_back(cell_of(print_ratio(*e.ratio), footnotes.mark(reason_text(e.reason))));
    } else {
      row.push_back(words(std::string(kNothing), Tone::muted, footnotes.mark(reason_text(e.reason))));
    }
    row.push_back(e.p_adjusted ? words(p_text(*e.p_adjusted)) : nothing());
    table.rows.push_back(std::move(row));
  }
  if (!any_main) return std::nullopt;
  table.footnotes = footnotes.lines();
  table.status = status_text(report, metric, statistic);
  return table;
}

}  // namespace assay::reports
