// Which treatments a pairwise table holds against each other: any two that differ in one factor alone, so
// that the factor is what a difference is put down to.
//
//     for (const Family& family : pairwise_families(treatments, factors, "precision"))
//       …                                            // fp32, bf16 and int8 at batch 1; the same at batch 64
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/treatment.hpp"
#include "harness/plan/experiment.hpp"

namespace assay::plan {

/// All pairs are one family of tests and share rounds, ten of them or so in a group of processes: beyond
/// these, a round takes long and only large differences are found.
inline constexpr std::size_t kMostPairs = 300;

/// Treatments that differ in `factor` alone, in plan order; at least two.
struct Family {
  std::string factor;
  std::vector<int> members;  // indexes of treatments
};

/// Of the factor `along`, or (where that is empty) of each factor in turn. Two treatments are in at most one.
std::vector<Family> pairwise_families(const std::vector<Treatment>& treatments,
                                      const std::vector<Factor>& factors, const std::string& along);

/// Counted without forming them.
std::size_t pair_count(const std::vector<Family>& families);

/// (of, to) of each pair: `to` is the one that matches `baseline` if only one does, else the earlier one.
std::vector<std::pair<int, int>> pairs_of(const Family& family, const std::vector<Treatment>& treatments,
                                          const Treatment& baseline);

}  // namespace assay::plan
