// Proportions that are known item by item: which images a model got right. Where all processes of a treatment
// answered alike, rounds add nothing, and the items are the sample.
//
//     if (const auto items = item_results(run, side, metric)) print(items->right, "of", items->count);
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/record/run_record.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/paired_proportions.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

struct ItemResults {
  std::int64_t right = 0;
  std::int64_t count = 0;
  const record::Answers* answers = nullptr;  // in the run record
};

/// Of a side whose replicates in complete rounds all gave the same predictions for the same labels, where the
/// metric is the share of right ones in all of them. Nothing for another metric, or where answers differ or
/// aren't on record.
std::optional<ItemResults> item_results(const record::RunRecord& run, record::Side side,
                                        const PlannedMetric& metric);

/// Predictions are on record and differ between replicates: the interval over rounds is about that, not about
/// items.
bool answers_differ(const record::RunRecord& run, record::Side side, const PlannedMetric& metric);

/// Both sides on the same labels.
std::optional<stats::PairedCounts> paired_items(const record::RunRecord& run, record::Side of,
                                                record::Side to, const PlannedMetric& metric);

/// `estimate`, which is of the rounds, with Wilson's interval over items.
stats::Estimate over_items(stats::Estimate estimate, const ItemResults& items);
/// With Newcombe's interval of the difference, and McNemar's mid-p as p.
stats::Estimate difference_over_items(stats::Estimate estimate, const stats::PairedCounts& counts);
/// With the score interval of the ratio; unchanged where there is none.
stats::Estimate ratio_over_items(stats::Estimate estimate, const stats::PairedCounts& counts);

/// Two-sided p of "the true share is `bound`", by the score test whose dual Wilson's interval is.
double share_p(const ItemResults& items, double bound);

/// "over 10,000 items, not over training seeds".
std::string over_items_text(std::int64_t items);

}  // namespace assay::reports
