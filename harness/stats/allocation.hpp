// Where to spend the next second: on another round (a fresh start) or on more blocks within the rounds.
//
//     const auto v = variance_components(quads_of_each_round);
//     const int blocks = blocks_per_round({.start_s = 0.5, .block_s = 0.01}, *v, 4, 200);
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace assay::stats {

struct VarianceComponents {
  double between = 0;  // of the rounds' true values: what no number of blocks within a round averages out
  double within = 0;   // of one quad (or block) around its round's value
};

/// One-way random-effects analysis of variance; rounds may have different numbers of values. A negative
/// estimate of `between` is 0: the rounds differ by no more than their blocks explain. nullopt unless there
/// are 2 rounds with values and one of them has 2.
/// Source: Searle, Casella & McCulloch, Variance Components (1992), §3.6.
std::optional<VarianceComponents> variance_components(
    std::span<const std::vector<double>> values_of_each_round);

struct Costs {
  double start_s = 0;  // of a round before its first block: processes, preparation, warm-up
  double block_s = 0;  // of one more block (or quad; the unit of `within`), its settling included; > 0
};

/// The number of blocks a round that gives the smallest variance of the mean for a given time, √(start/block
/// · within/between), kept between `least` and `most`: it minimises (between + within/b)/R under a fixed R ·
/// (start + b · block). Source: Kalibera & Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013).
int blocks_per_round(const Costs& costs, const VarianceComponents& variance, int least, int most);

/// True where, at `blocks` a round, time is better spent on more rounds than on more blocks:
/// start/block < between/v · blocks, with v = within/blocks the part of a round's variance that blocks
/// explain.
bool more_rounds_help_more(const Costs& costs, const VarianceComponents& variance, int blocks);

}  // namespace assay::stats
