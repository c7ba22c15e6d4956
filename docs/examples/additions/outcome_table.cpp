#include <algorithm>

#include "reports/table_parts.hpp"

namespace assay::reports {

/// How the cells of each treatment ended: the first look at a run that half failed.
std::vector<TextTable> outcome_tables(const Report& report) {
  TextTable table;
  table.title = "Outcomes";
  table.caption = "Cells of each treatment, by how they ended.";
  table.columns = {{"treatment", false}, {"ok"}, {"others"}};
  for (int t = 0; t < std::ssize(report.planned.treatments); ++t) {
    const auto cells = [&](bool ok) {
      return words(std::to_string(std::count_if(report.cells.begin(), report.cells.end(), [&](const Cell& cell) {
        return cell.treatment == t && cell.ending.ok() == ok;
      })));
    };
    const Treatment& treatment = report.planned.treatments[static_cast<std::size_t>(t)];
    table.rows.push_back({words(short_name(treatment, report.planned.factors)), cells(true), cells(false)});
  }
  return {table};
}

}  // namespace assay::reports
