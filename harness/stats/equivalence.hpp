// "No difference was seen" is not "there is none". Two one-sided tests show that a difference is *smaller*
// than a margin that was named before.
//
//     const auto e = ratio_from_rounds(log_ratios);
//     if (e->location && ratio_equivalence_p(*e->location, 0.01) < 0.05) say("equal within 1 %");
#pragma once

#include <optional>
#include <span>

#include "harness/stats/estimate.hpp"
#include "harness/stats/location.hpp"

namespace assay::stats {

/// −ln(1 − margin): a ratio within (1 − m, 1/(1 − m)) is a log ratio within ± this, the same whichever side
/// is the baseline. 0 < margin < 1.
double log_margin(double margin);

/// The larger p of the two one-sided tests that the log ratio lies within ± log_margin(margin); below 0.05
/// exactly where the 90 % interval lies inside.
/// Source: Schuirmann 1987; Berger & Hsu, Statistical Science 11 (1996).
double ratio_equivalence_p(const Location& log_ratio, double margin);

/// The same for a difference within ± margin, in its unit; margin > 0.
double difference_equivalence_p(const Location& difference, double margin);

/// The same for a ratio of means, as Fieller's interval has it: tests of mean(of) = θ · mean(to) at both
/// bounds. nullopt where ratio_of_means has no interval.
std::optional<double> ratio_of_means_equivalence_p(std::span<const double> of, std::span<const double> to,
                                                   double margin, const EstimateSettings& settings = {});

}  // namespace assay::stats
