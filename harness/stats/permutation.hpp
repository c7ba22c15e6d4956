// A test without normality: if a round's value is symmetric around 0, each sign was a coin toss, and the
// observed mean can be ranked among the means of all sign patterns.
//
//     const auto p = sign_flip_p(log_ratios, 585);     // std::nullopt below 6 rounds
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace assay::stats {

/// Below 6 rounds even the most extreme pattern has p = 2/2⁵ = 0.06: no result could be significant.
inline constexpr int kFewestForPermutation = 6;
/// Up to here all 2ⁿ patterns are counted, by joining two sorted lists of 2^(n/2) half sums each.
inline constexpr int kMostForExactPermutation = 32;
/// Patterns drawn beyond.
inline constexpr int kPermutationDraws = 99'999;

/// Two-sided p of "symmetric around 0" by the |mean|, observed pattern included. Exact up to 32 values;
/// beyond, (b + 1)/(B + 1) over B drawn patterns, which never claims 0 (Phipson & Smyth 2010). nullopt below
/// 6 values. Sums that differ by less than 10⁻¹² of Σ|x| are ties, so that the last bits of a libm can't
/// decide. Source: Fisher, The Design of Experiments (1935), §21.
std::optional<double> sign_flip_p(std::span<const double> values, std::uint64_t seed);

}  // namespace assay::stats
