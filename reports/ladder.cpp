#include "reports/ladder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/report.hpp"

namespace assay::reports {

namespace {

Treatment without(const Treatment& treatment, const std::string& factor) {
  Treatment rest;
  for (const auto& [name, level] : treatment.levels()) {
    if (name != factor) rest.set(name, level);
  }
  return rest;
}

int published_row(const Planned& planned, const std::string& version) {
  if (!planned.published) return -1;
  const auto& rows = planned.published->rows;
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const PublishedRow& row) { return row.version == version; });
  return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

Speedup speedup(const std::vector<Comparison>& comparisons, int of, int to, int metric,
                const std::string& statistic) {
  const Comparison* c = find_comparison(comparisons, of, to, metric, statistic);
  Speedup result;
  if (!c) {
    result.reason = "not planned";
    return result;
  }
  result.modelled = c->modelled;
  if (c->effect && c->scale == Scale::ratio) {
    result.value = inverse(*c->effect);
  } else {
    result.reason = c->reason;
  }
  return result;
}

}  // namespace

const PlannedMetric& elapsed_of(const Report& report) { return report.planned.metrics[static_cast<std::size_t>(report.elapsed_metric)]; }

std::string elapsed_title(const Report& report) {
  const Metric& metric = elapsed_of(report).metric;
  return metric.kind == Kind::time ? "running time" : metric.name;
}

std::string gain_word(const Report& report) { return elapsed_of(report).metric.kind == Kind::time ? "speedup" : "gain"; }

std::vector<Ladder> project_ladders(const Planned& planned, int elapsed_metric,
                                    const std::vector<Cell>& cells,
                                    const std::vector<Comparison>& comparisons) {
  std::vector<Ladder> ladders;
  if (planned.table.kind != plan::Table::Kind::ladder || elapsed_metric < 0) return ladders;
  const std::string statistic = planned.metrics[static_cast<std::size_t>(elapsed_metric)].statistics.front();
  std::vector<std::size_t> order;  // rungs first, then what they are held against
  for (const bool ceiling : {false, true}) {
    for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
      const Level* level = planned.treatments[t].find(planned.table.along);
      if (level && planned.table.is_ceiling(*level) == ceiling) order.push_back(t);
    }
  }
  for (const std::size_t t : order) {
    const Treatment& treatment = planned.treatments[t];
    const Level* level = treatment.find(planned.table.along);
    const Cell* cell = find_cell(cells, static_cast<int>(t), elapsed_metric, statistic);
    if (!cell) continue;
    const Treatment shared = without(treatment, planned.table.along);
    auto ladder =
        std::find_if(ladders.begin(), ladders.end(), [&](const Ladder& l) { return l.shared == shared; });
    if (ladder == ladders.end()) ladder = ladders.insert(ladder, {shared, {}});

    LadderRow row;
    row.treatment = static_cast<int>(t);
    row.version = shortest(*level);
    row.cell = static_cast<int>(cell - cells.data());
    row.published = published_row(planned, row.version);
    row.ceiling = planned.table.is_ceiling(*level);
    if (const auto baseline = planned.baseline_of[t]; baseline && *baseline != row.treatment) {
      row.absolute = speedup(comparisons, row.treatment, *baseline, elapsed_metric, statistic);
    } else if (cell->ending.ok()) {
      row.absolute.value = Number{1, std::nullopt};
    }
    const auto before = std::find_if(ladder->rows.rbegin(), ladder->rows.rend(),
                                     [](const LadderRow& r) { return !r.ceiling; });
    if (before != ladder->rows.rend()) {
      row.relative = speedup(comparisons, row.treatment, before->treatment, elapsed_metric, statistic);
      const auto& relative = row.relative.value;
      if (relative && !row.ceiling)
        row.faster_than_before = relative->interval ? relative->interval->low > 1 : relative->value > 1;
    }
    ladder->rows.push_back(std::move(row));
  }
  return ladders;
}

}  // namespace assay::reports
