// How well each value is known: half the width of its interval, in percent of the value.
#include "reports/dot_plot.hpp"

namespace assay::reports {

std::optional<Figure> width_figure(const Report& report) {
  std::vector<DotRow> rows;
  for (const Cell& cell : report.cells) {
    if (cell.metric != 0 || !cell.value || !cell.value->interval) continue;
    const auto& [value, interval] = *cell.value;
    const Number percent{50 * (interval->high - interval->low) / value, {}};
    const Treatment& treatment = report.planned.treatments[static_cast<std::size_t>(cell.treatment)];
    rows.push_back({short_name(treatment, report.planned.factors), percent, print_ratio(percent).number, false, {}});
  }
  if (rows.size() < 2) return std::nullopt;
  return dot_plot("width", rows, {"half-width of the 95 % interval, %", {}, {}}, "How well each value is known.");
}

}  // namespace assay::reports
