// The difference of two estimates that know nothing of one another: of two runs, on two machines, say. Rounds
// pair what lives in them; between runs nothing pairs, and all that is left is each one's own interval.
//
//     const Interval d = difference_of_independent({-0.70, {-0.72, -0.68}}, {-0.65, {-0.71, -0.59}});
//     if (!d.contains(0)) say("they differ");
#pragma once

#include "harness/stats/interval.hpp"

namespace assay::stats {

/// A value with its confidence interval, on a scale where differences mean something (logarithms of ratios).
struct Bounded {
  double value = 0;
  Interval interval;
};

/// Interval of a − b at the level of both intervals, by the "method of variance estimates recovery": each side's
/// distance from value to bound stands for its spread, and squares add. It asks neither how the intervals were made
/// nor that they be symmetric, and is that of Welch for two t intervals of the same degrees of freedom, up to the
/// quantile, which is the smaller sample's or larger: it errs on the wide side.
/// Source: Zou & Donner, "Construction of confidence limits about effect measures: a general approach",
/// Statistics in Medicine 27 (2008) 1693–1702.
Interval difference_of_independent(const Bounded& a, const Bounded& b);

}  // namespace assay::stats
