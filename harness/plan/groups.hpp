// Splits a plan into groups that can live at once: every pair inside one of them, each treatment's baseline
// beside it.
#pragma once

#include <vector>

#include "harness/plan/plan.hpp"

namespace assay::plan {

/// Groups of at most max(2, `largest`) members that hold every pair and every treatment. Deterministic.
/// Treatments with different baselines share a group only where a pair asks for it. Where that or `largest` <
/// 3 leaves no room for the baselines too, a group is the bare pair, controlled by its `to`. Sizes differ by
/// at most one where no pairs but those to the baseline have to be kept together; else the largest group is
/// as small as it can be without adding a group.
std::vector<Group> make_groups(const std::vector<PlannedTreatment>& treatments,
                               const std::vector<Pair>& pairs, int largest);

}  // namespace assay::plan
