// The first metric of each treatment, with its interval, on one axis.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/dot_plot.hpp"
#include "reports/figure_text.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

std::optional<Figure> comparison_figure(const Report& report) {
  const Planned& planned = report.planned;
  if (planned.metrics.empty() || !report.ladders.empty()) return std::nullopt;
  const PlannedMetric& planned_metric = planned.metrics.front();
  const Metric& metric = planned_metric.metric;
  const std::string& statistic = planned_metric.statistics.front();
  std::vector<const Cell*> cells;
  double largest = 0;
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    cells.push_back(find_cell(report.cells, static_cast<int>(t), 0, statistic));
    if (cells.back()->value) largest = std::max(largest, std::fabs(cells.back()->value->value));
  }
  const auto [unit, title] = metric_axis(metric, largest);
  std::vector<DotRow> rows;
  for (std::size_t t = 0; t < cells.size(); ++t) {
    const Cell& cell = *cells[t];
    DotRow row{.label = short_name(planned.treatments[t], planned.factors),
            .value = {},
            .text = outcome_text(cell.ending.outcome),
            .hollow = cell.provenance == Provenance::modelled || cell.provenance == Provenance::imported,
            .published = {}};
    if (cell.value) {
      row.value = scaled(*cell.value, unit.factor);
      row.text = print_ratio(*row.value).number;
    }
    rows.push_back(std::move(row));
  }
  if (with_value(rows) < 2) return std::nullopt;
  DotAxis axis{.title = title, .limit = {}, .limit_label = {}, .hollow = metric.provenance == Provenance::imported ? "imported" : "modelled"};
  if (is_logarithmic(rows, axis)) axis.title += " (logarithmic)";
  const bool lower = metric.direction == Direction::lower;
  const bool by_items =
      std::all_of(cells.begin(), cells.end(), [](const Cell* c) { return c->items || !c->value; });
  std::vector<DotRow> there;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(there),
               [](const DotRow& r) { return r.value.has_value(); });
  const auto [least, most] = std::minmax_element(
      there.begin(), there.end(), [](const DotRow& a, const DotRow& b) { return a.value->value < b.value->value; });
  const auto named = [&](const DotRow& r) {
    return fmt::format("{} ({}{})", r.label, r.text,
                       unit.unit == "ratio" || unit.unit == "1" ? "" : " " + unit.unit);
  };
  std::string caption = fmt::format(
      "{} of each treatment; {} is better. Points are values {}, bars their 95 % intervals, many of "
      "them narrower than the point.",
      metric.name, lower ? "lower" : "higher", by_items ? "over items, not over training seeds" : over_rounds(report));
  caption +=
      fmt::format(" Best is {}, worst {}.", named(lower ? *least : *most), named(lower ? *most : *least));
  if (metric.provenance == Provenance::imported) caption += " Hollow: imported, measured elsewhere.";
  return dot_plot("comparison", rows, axis, std::move(caption));
}

}  // namespace assay::reports
