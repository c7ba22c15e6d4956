// Many tests, one error rate: the chance of even one false difference in a table stays below the level.
//
//     holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005})      // 0.03, 0.06, 0.06, 0.02
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace assay::stats {

/// Step-down adjusted p, in the order given: p₍ᵢ₎ · (m − i + 1), made monotone, at most 1. Holds under any
/// dependence. `family` is m, the tests as *planned*: what failed and has no p counts as p = 1, or else a
/// table would gain significance by crashing. A family smaller than the p given is taken as their number.
/// Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979).
std::vector<double> holm_adjusted(std::span<const double> p, std::size_t family = 0);

/// The same where some members have no p; they are counted, and have no adjusted p either.
std::vector<std::optional<double>> holm_adjusted(std::span<const std::optional<double>> p,
                                                 std::size_t family = 0);

/// Each p times `factor` ≥ 1, at most 1 (Bonferroni): for the looks at a run's rounds before these.
void multiply_p(std::vector<std::optional<double>>& p, double factor);

}  // namespace assay::stats
