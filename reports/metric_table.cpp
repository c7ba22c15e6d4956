#include "reports/comparison_table.hpp"
#include "reports/effects_table.hpp"
#include "reports/pairwise_table.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

/// Of each primary metric and statistic what is compared, by baseline or pairwise, and what the factors do to
/// it. What a ladder shows stands there.
std::vector<TextTable> metric_tables(const Report& report) {
  std::vector<TextTable> tables;
  for (std::size_t m = 0; m < report.planned.metrics.size(); ++m) {
    const PlannedMetric& metric = report.planned.metrics[m];
    const auto index = static_cast<int>(m);
    for (std::size_t s = 0; s < metric.statistics.size() && metric.primary; ++s) {
      if (s == 0 && !report.ladders.empty()) continue;
      const std::string& statistic = metric.statistics[s];
      auto pairwise = pairwise_tables(report, index, statistic);
      if (pairwise.empty()) tables.push_back(comparison_table(report, index, statistic));
      std::move(pairwise.begin(), pairwise.end(), std::back_inserter(tables));
      if (auto effects = effects_table(report, index, statistic)) tables.push_back(*std::move(effects));
    }
  }
  return tables;
}

}  // namespace assay::reports
