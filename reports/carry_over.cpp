#include "reports/carry_over.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/stats/carry_over.hpp"
#include "harness/stats/multiplicity.hpp"
#include "harness/stats/quantile.hpp"
#include "reports/contrasts.hpp"

namespace assay::reports {

namespace {

using record::Block;
using record::RunRecord;

struct RoundTimes {
  std::vector<double> after_own, after_other, long_block, settled;
};

/// treatment → round → times per iteration, in one pass over the blocks.
std::map<int, std::map<int, RoundTimes>> times_by_treatment(const RunRecord& run) {
  std::map<int, std::map<int, RoundTimes>> all;
  for (const Block& block : run.blocks) {
    if (block.treatment < 0 || block.role != Role::plain || block.outcome != Outcome::ok ||
        block.iterations < 1)
      continue;
    if (block.round < 1 || !(block.elapsed_s > 0) || (block.marks & (kStolen | kAbandoned))) continue;
    const double time = block.elapsed_s / static_cast<double>(block.iterations);
    RoundTimes& times = all[block.treatment][block.round];
    if (block.phase == Phase::control) {
      times.long_block.push_back(time);
    } else if (block.phase == Phase::measure && block.predecessor >= 0) {
      (block.predecessor == block.replicate ? times.after_own : times.after_other).push_back(time);
      times.settled.push_back(static_cast<double>(block.settled_ns) * 1e-9);
    }
  }
  return all;
}

std::optional<double> narrowest_half_width(const std::vector<Comparison>& comparisons, int treatment,
                                           int metric) {
  std::optional<double> narrowest;
  for (const Comparison& c : comparisons) {
    if ((c.of != treatment && c.to != treatment) || c.metric != metric || c.scale != Scale::ratio) continue;
    if (!c.effect || !c.effect->interval || !(c.effect->interval->low > 0)) continue;
    const double half = (std::log(c.effect->interval->high) - std::log(c.effect->interval->low)) / 2;
    narrowest = std::min(narrowest.value_or(half), half);
  }
  return narrowest;
}

}  // namespace

std::vector<CarryOver> project_carry_over(const RunRecord& run, const Planned& planned,
                                          const std::vector<Comparison>& comparisons) {
  std::vector<CarryOver> all;
  std::vector<std::optional<double>> p;  // two an entry
  if (run.elapsed_metric < 0) return all;
  for (const auto& [treatment, rounds] : times_by_treatment(run)) {
    std::vector<double> carried, uninterrupted, settled;
    for (const auto& [number, times] : rounds) {
      if (const auto d = stats::round_carry_over(times.after_own, times.after_other)) carried.push_back(*d);
      if (const auto d = stats::round_carry_over(times.long_block, times.after_other))
        uninterrupted.push_back(*d);
      settled.insert(settled.end(), times.settled.begin(), times.settled.end());
    }
    CarryOver entry;
    entry.treatment = treatment;
    const stats::EstimateSettings settings{.seed = planned.seed};
    const auto estimate = stats::carry_over(carried, settings);
    const auto long_estimate = stats::carry_over(uninterrupted, settings);
    if (!estimate && !long_estimate) continue;
    if (estimate) entry.log_ratio = number_of(*estimate);
    if (long_estimate) entry.uninterrupted = number_of(*long_estimate);
    entry.rounds = estimate ? estimate->n : 0;
    entry.half_width = narrowest_half_width(comparisons, treatment, run.elapsed_metric);
    if (!settled.empty()) entry.settle_s = stats::median(settled);
    const auto matters = [&](const std::optional<stats::Estimate>& e) {
      return e && entry.half_width && stats::carry_over_matters(*e, *entry.half_width);
    };
    entry.matters = matters(estimate);
    // Blocks after their own have a neighbour near, too; only the long block shows what all of them share.
    entry.matters_uninterrupted = matters(long_estimate);
    p.push_back(estimate ? estimate->p_t : std::nullopt);
    p.push_back(long_estimate ? long_estimate->p_t : std::nullopt);
    all.push_back(entry);
  }
  // Carry-over is seen less sharply than the ratio: a quarter of its half-width is often there by chance.
  constexpr double kHardlyChance = 0.01;
  const auto adjusted = stats::holm_adjusted(p, p.size());
  const auto hardly_chance = [&](std::size_t i) { return adjusted[i] && *adjusted[i] < kHardlyChance; };
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].matters = all[i].matters && hardly_chance(2 * i);
    all[i].matters_uninterrupted = all[i].matters_uninterrupted && hardly_chance(2 * i + 1);
  }
  return all;
}

}  // namespace assay::reports
