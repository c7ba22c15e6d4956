#include <fmt/format.h>

#include <algorithm>

#include "reports/table_parts.hpp"

namespace assay::reports {

/// What was measured beside the primary metrics: values without comparisons.
std::vector<TextTable> other_metric_tables(const Report& report) {
  const Planned& planned = report.planned;
  const int already_shown = report.ladders.empty() ? -1 : report.elapsed_metric;
  std::vector<std::pair<int, std::string>> shown;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    if (planned.metrics[m].primary || static_cast<int>(m) == already_shown) continue;
    for (const std::string& statistic : planned.metrics[m].statistics)
      shown.emplace_back(static_cast<int>(m), statistic);
  }
  if (shown.empty()) return {};
  Footnotes footnotes;
  TextTable table;
  table.title = "Also measured";
  table.caption = "Values without comparisons.";
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
        row.push_back(words(outcome_text(cell->ending.outcome), TextCell::Tone::muted,
                            footnotes.mark(cell->ending.reason)));
      }
    }
    table.rows.push_back(std::move(row));
  }
  table.footnotes = footnotes.lines();
  table.status = status_text(report);
  return {table};
}

}  // namespace assay::reports
