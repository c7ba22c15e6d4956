// What a factor does on average, and whether two factors do more together than apart: contrasts of the cells
// of a full factorial, estimated from one value a round. On logarithms, so that an effect is a ratio and an
// interaction a ratio of ratios.
//
//     const std::vector<int> levels{3, 2}, reference{0, 0};               // precision × batch
//     for (const FactorialEffect& effect : factorial_effects(levels, reference)) {
//       const auto values = contrast_rounds(effect.weights, links);       // links: who was paired with whom
//       if (values) print(ratio_from_rounds(values->values, {.clock_term = values->clock_term}));
//     }
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace assay::stats {

struct FactorialEffect {
  struct Level {
    int factor = 0;
    int level = 0;
  };
  /// One entry: the main effect of that level against the factor's reference. Two: their interaction.
  std::vector<Level> of = {};
  /// Of each cell's logarithm, cells in row-major order (last factor fastest); they sum to 0.
  std::vector<double> weights = {};
};

/// All main effects, then all interactions of two factors, in the factors' order. `levels` counts each
/// factor's levels, `reference` names one of each. Main effect of level i of A: mean over the other factors'
/// levels of ln y(i, ·) − ln y(reference, ·). Interaction of i of A and j of B: mean over the rest of ln y(i,
/// j) − ln y(i, ref) − ln y(ref, j)
/// + ln y(ref, ref). A factor with one level has no effect. Each level counts alike, whatever was measured
/// how often. Source: Box, Hunter & Hunter, Statistics for Experimenters (2nd ed. 2005), ch. 5; Jain, The Art
/// of Computer Systems Performance Analysis (1991), ch. 17–23.
std::vector<FactorialEffect> factorial_effects(std::span<const int> levels, std::span<const int> reference);

/// Two cells that were measured side by side: ln of − ln to in each round, nothing in a round that lacks one
/// of them. All links have the same rounds in the same places.
struct Link {
  int of = 0;
  int to = 0;
  std::vector<std::optional<double>> rounds = {};
  double clock_term = 0;  // what the clock can hide in the logarithm
};

struct ContrastRounds {
  std::vector<double> values = {};
  std::vector<std::size_t> rounds = {};  // whose these are: places in the links' rounds
  double clock_term = 0;                 // of the links that it took, by their weights
};

/// The contrast Σ weight · ln y in each round, taken along links alone, so that no two cells meet in it that
/// were not measured side by side: where two groups of treatments share a baseline, each enters by its ratio
/// to that. Earlier links are preferred. Only rounds that have all links that it takes. nullopt where cells
/// with weight are not connected by links with a round, or where their weights don't cancel among themselves;
/// empty where no round has all.
std::optional<ContrastRounds> contrast_rounds(std::span<const double> weights, std::span<const Link> links);

}  // namespace assay::stats
