#include "reports/item_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/distributions.hpp"
#include "harness/stats/proportion.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

using record::Replicate;

/// The replicates whose values count; nothing to compare in other metrics than a process's own proportion.
std::vector<const Replicate*> replicates_of(const record::RunRecord& run, record::Side side,
                                            const PlannedMetric& metric) {
  std::vector<const Replicate*> list;
  if (metric.metric.kind != Kind::proportion || metric.metric.scope == Scope::block) return list;
  for (const Replicate& r : run.replicates) {
    if (r.treatment != side.treatment || r.role != side.role || r.phase != Phase::measure) continue;
    if (r.abandoned || !r.ending.ok()) continue;
    const bool complete = std::any_of(run.rounds.begin(), run.rounds.end(), [&r](const record::Round& round) {
      return round.number == r.round && round.state == record::RoundState::complete;
    });
    if (complete) list.push_back(&r);
  }
  return list;
}

/// The metric is the share of right answers, in this replicate at least: a worker may report others beside
/// it.
bool is_share(const Replicate& replicate, const std::string& metric, double share) {
  return std::any_of(replicate.metrics.begin(), replicate.metrics.end(), [&](const auto& named) {
    return named.first == metric && std::fabs(named.second - share) < 1e-9;
  });
}

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// The same estimate with another interval; p and location are the caller's.
stats::Estimate with_interval(stats::Estimate e, double value, const stats::Interval& interval) {
  e.value = value;
  e.interval = interval;
  e.confidence = 0.95;
  e.sd.reset();  // of rounds: nothing that more of them would change
  e.location.reset();
  e.p_t.reset();
  e.p_permutation.reset();
  e.warnings.clear();
  return e;
}

}  // namespace

std::optional<ItemResults> item_results(const record::RunRecord& run, record::Side side,
                                        const PlannedMetric& metric) {
  const auto replicates = replicates_of(run, side, metric);
  if (replicates.empty() || replicates.front()->answers < 0) return std::nullopt;
  const int first = replicates.front()->answers;
  const record::Answers& answers = run.answers[static_cast<std::size_t>(first)];
  ItemResults items{std::count(answers.right.begin(), answers.right.end(), true),
                    static_cast<std::int64_t>(answers.right.size()), &answers};
  if (items.count == 0) return std::nullopt;
  for (const Replicate* r : replicates) {
    if (r->answers != first || !is_share(*r, metric.metric.name, real(items.right) / real(items.count)))
      return std::nullopt;
  }
  return items;
}

bool answers_differ(const record::RunRecord& run, record::Side side, const PlannedMetric& metric) {
  const auto replicates = replicates_of(run, side, metric);
  return std::any_of(replicates.begin(), replicates.end(), [&](const Replicate* r) {
    return r->answers >= 0 && replicates.front()->answers >= 0 && r->answers != replicates.front()->answers;
  });
}

std::optional<stats::PairedCounts> paired_items(const record::RunRecord& run, record::Side of,
                                                record::Side to, const PlannedMetric& metric) {
  const auto a = item_results(run, of, metric);
  const auto b = item_results(run, to, metric);
  if (!a || !b || a->answers->labels_sha256 != b->answers->labels_sha256 || a->count != b->count)
    return std::nullopt;
  stats::PairedCounts counts;
  for (std::size_t i = 0; i < a->answers->right.size(); ++i) {
    const bool left = a->answers->right[i], right = b->answers->right[i];
    ++(left ? (right ? counts.both : counts.only_of) : (right ? counts.only_to : counts.neither));
  }
  return counts;
}

stats::Estimate over_items(stats::Estimate estimate, const ItemResults& items) {
  const double value = estimate.value;
  return with_interval(std::move(estimate), value, *stats::wilson(items.right, items.count, 0.95));
}

stats::Estimate difference_over_items(stats::Estimate estimate, const stats::PairedCounts& counts) {
  const double difference = real(counts.only_of - counts.only_to) / real(counts.items());
  stats::Estimate e =
      with_interval(std::move(estimate), difference, *stats::newcombe_difference(counts, 0.95));
  e.p_t = stats::mcnemar_mid_p(counts);
  e.location = stats::Location{.center = difference};
  return e;
}

stats::Estimate ratio_over_items(stats::Estimate estimate, const stats::PairedCounts& counts) {
  const auto ratio = stats::paired_ratio(counts, 0.95);
  if (!ratio || !(ratio->value > 0)) return estimate;
  stats::Estimate e = with_interval(std::move(estimate), ratio->value, {ratio->low, ratio->high});
  e.p_t = stats::mcnemar_mid_p(counts);
  e.location = stats::Location{.center = std::log(ratio->value)};
  return e;
}

double share_p(const ItemResults& items, double bound) {
  const double share = real(items.right) / real(items.count);
  if (!(bound > 0 && bound < 1)) return share == bound ? 1 : 0;
  const double z = (share - bound) / std::sqrt(bound * (1 - bound) / real(items.count));
  return std::min(1.0, 2 * stats::normal_cdf(-std::fabs(z)));
}

std::string over_items_text(std::int64_t items) {
  return fmt::format("over {} items, not over training seeds", with_decimals(real(items), 0));
}

}  // namespace assay::reports
