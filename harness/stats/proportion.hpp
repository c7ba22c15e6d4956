// Intervals for a share of items: an accuracy over a test set, a rate of false alarms. The items are the
// sample, so what is said holds for other items of the same kind, not for other training seeds.
//
//     const auto accuracy = wilson(9911, 10000, 0.95);             // [0.98906, 0.99276]
//     const auto alarms = clopper_pearson(3, 200, 0.90);           // ->high: one-sided 95 % upper bound
#pragma once

#include <cstdint>
#include <optional>

#include "harness/stats/interval.hpp"

namespace assay::stats {

// `k` of `n` independent items, 0 ≤ k ≤ n; both intervals are two-sided, lie in [0, 1], contain k/n, and are
// nullopt for n = 0. For a one-sided bound at level c take the two-sided interval of 2c − 1.

/// The shares that a score test doesn't reject. Its coverage is near `confidence` on average, with few items
/// and extreme shares somewhat to either side. Source: Wilson, J. Am. Statist. Assoc. 22 (1927); recommended
/// by Newcombe, Statistics in Medicine 17 (1998) 857–872, and Brown, Cai & DasGupta, Statistical Science 16
/// (2001).
std::optional<Interval> wilson(std::int64_t k, std::int64_t n, double confidence);

/// The shares that neither exact binomial tail rejects: coverage is never below `confidence`, at the price of
/// width. For k = 0 and k = n it is still two-sided: the other bound holds with (1 + confidence)/2. Source:
/// Clopper & Pearson, Biometrika 26 (1934).
std::optional<Interval> clopper_pearson(std::int64_t k, std::int64_t n, double confidence);

}  // namespace assay::stats
