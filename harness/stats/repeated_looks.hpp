// What it costs to look, and then to measure some more and look again. A table that was looked at and
// extended has had more than one chance of a false alarm; its p are multiplied, so that all extensions of a
// run together have no more chances than one table had.
//
//     const double p = std::min(1.0, p_factor(1) * p_holm);      // after one earlier look
#pragma once

namespace assay::stats {

/// 2^looks for `looks` ≥ 0 earlier looks: the k-th look is tested at level α / 2^(k−1). The levels of all
/// looks behind the first add up to α however often somebody extends, and by Bonferroni's inequality so do
/// their false alarms; levels α/k, of a number of looks that nobody fixed before, would add up to anything.
/// What the first look spent, α, it has spent: a run that is extended until something is significant is wrong
/// in up to 2α of cases (simulated: 6 to 7 %, against 12 to 14 % without the factor after four
/// extensions). Precision that is wanted from the start is planned (stein.hpp), which nobody pays for.
/// Source: Bonferroni's inequality with unequal weights; the idea of spending a level over looks: Lan &
/// DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983).
double p_factor(int looks);

}  // namespace assay::stats
