#include "reports/rows.hpp"

#include <algorithm>
#include <map>

#include "harness/stats/multiplicity.hpp"
#include "reports/contrasts.hpp"

namespace assay::reports {

namespace {

bool is_counted_here(Provenance p) {
  return p == Provenance::measured || p == Provenance::simulated;
}

class Search {
public:
  Search(const record::RunRecord& run, const Planned& planned, const std::vector<Cell>& cells, int metric,
         std::string statistic)
      : run_(run), planned_(planned), cells_(cells), metric_(metric), statistic_(std::move(statistic)) {}

  /// The best of these rows, or −1.
  int best_of(const std::vector<int>& rows) const {
    std::vector<const Cell*> ok;
    for (const int t : rows) {
      const Cell* cell = find_cell(cells_, t, metric_, statistic_);
      if (cell && cell->ending.ok() && cell->value) ok.push_back(cell);
    }
    if (ok.size() < 2) return -1;
    const Cell& first = **std::min_element(ok.begin(), ok.end(), [this](const Cell* a, const Cell* b) {
      return is_better(a->value->value, b->value->value);
    });
    std::vector<std::optional<double>> p;
    for (const Cell* other : ok) {
      if (other == &first) continue;
      p.push_back(p_of_better(first, *other));
      if (!p.back()) return -1;
    }
    auto adjusted = stats::holm_adjusted(p, p.size());
    stats::multiply_p(adjusted, planned_.p_factor);
    const bool all = std::all_of(adjusted.begin(), adjusted.end(),
                                 [](const auto& value) { return *value < stats::kSignificant; });
    return all ? first.treatment : -1;
  }

private:
  const PlannedMetric& metric() const { return planned_.metrics[static_cast<std::size_t>(metric_)]; }
  bool is_better(double a, double b) const {
    return metric().metric.direction == Direction::lower ? a < b : a > b;
  }

  /// Of "no difference" between these two, where `a` is better; nothing where that can't be said.
  std::optional<double> p_of_better(const Cell& a, const Cell& b) const {
    const bool comparable =
        is_counted_here(a.provenance) && a.provenance == b.provenance && a.clock == b.clock;
    if (!comparable) return std::nullopt;
    const Contrast c = contrast(run_, planned_, {.treatment = a.treatment, .role = Role::plain},
                                {.treatment = b.treatment, .role = Role::plain}, metric(), statistic_,
                                natural_scale(metric().metric));
    if (!c.estimate || !c.estimate->p_t) return std::nullopt;
    if (!is_better(c.estimate->value, c.scale == Scale::ratio ? 1 : 0)) return std::nullopt;
    // Replicates that repeat one answer say nothing about other items.
    if (metric().metric.kind == Kind::proportion && a.deterministic && b.deterministic && !c.items)
      return std::nullopt;
    if (c.p_equivalence && *c.p_equivalence < stats::kSignificant) return std::nullopt;
    return c.estimate->p_t;
  }

  const record::RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
  int metric_;
  std::string statistic_;
};

}  // namespace

std::vector<RowBlock> row_blocks(const Planned& planned) {
  const auto count = static_cast<int>(planned.treatments.size());
  std::vector<int> baseline(planned.treatments.size(), -1);
  for (int t = 0; t < count; ++t) {
    const auto& of = planned.baseline_of[static_cast<std::size_t>(t)];
    if (!of || *of == t) continue;
    baseline[static_cast<std::size_t>(t)] = *of;
    baseline[static_cast<std::size_t>(*of)] = *of;
  }
  std::map<int, RowBlock> blocks;  // by baseline, so in plan order
  RowBlock rest;
  for (int t = 0; t < count; ++t) {
    const int of = baseline[static_cast<std::size_t>(t)];
    RowBlock& block = of < 0 ? rest : blocks[of];
    block.baseline = of;
    block.rows.push_back(t);
  }
  std::vector<RowBlock> list;
  for (auto& [of, block] : blocks) {
    if (blocks.size() > 1)
      std::stable_partition(block.rows.begin(), block.rows.end(), [of = of](int t) { return t == of; });
    list.push_back(std::move(block));
  }
  if (!rest.rows.empty()) list.push_back(std::move(rest));
  return list;
}

std::vector<Best> project_best(const record::RunRecord& run, const Planned& planned,
                               const std::vector<Cell>& cells, const std::vector<Control>& controls) {
  std::vector<Best> all;
  if (planned.table.kind == plan::Table::Kind::pairwise) return all;  // its letters say more
  const bool ladder = planned.table.kind == plan::Table::Kind::ladder;
  const auto blocks = row_blocks(planned);
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    const PlannedMetric& metric = planned.metrics[m];
    if (!metric.primary) continue;
    for (const std::string& statistic : metric.statistics) {
      const auto index = static_cast<int>(m);
      const bool climbed = ladder && index == run.elapsed_metric && statistic == metric.statistics.front();
      if (climbed || controls_failed(controls, index, statistic)) continue;
      const Search search(run, planned, cells, index, statistic);
      for (const RowBlock& block : blocks) {
        if (block.baseline < 0 && blocks.size() > 1) continue;  // rows whose baseline was left out
        const int best = search.best_of(block.rows);
        if (best >= 0) all.push_back({best, index, statistic});
      }
    }
  }
  return all;
}

bool is_best(const std::vector<Best>& best, int treatment, int metric, const std::string& statistic) {
  return std::any_of(best.begin(), best.end(), [&](const Best& b) {
    return b.treatment == treatment && b.metric == metric && b.statistic == statistic;
  });
}

}  // namespace assay::reports
