// Are the rounds what an interval takes them for: alike, and independent of each other? Tests of all rows of
// a table at once, so that a clean table is rarely warned about, however many rows it has.
//
//     std::vector<Series> rows = …;                                    // one value a round each
//     const auto p = trend_p(rows, 585);
//     if (p[3] < kSuspicious) warn("row 3 drifted");
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace assay::stats {

/// One value a round, in the rounds' order; nothing in a round that has none. The series of one table have
/// the same rounds in the same places.
using Series = std::vector<std::optional<double>>;

/// Three questions are asked of every table (autocorrelation, trend, bimodality); together they warn in vain
/// in at most 1 % of clean ones.
inline constexpr double kSuspicious = 0.01 / 3;

/// Σ (x_t − x̄)(x_{t+1} − x̄) / Σ (x_t − x̄)²; 0 below 3 values or without variance.
double lag1_autocorrelation(std::span<const double> values);

/// (rising − falling pairs) / all pairs, −1 to 1; ties are neither. 0 below 2 values.
/// Source: Mann, Econometrica 13 (1945); Kendall, Rank Correlation Methods.
double mann_kendall_tau(std::span<const double> values);

/// Of each series the p of "the rounds might as well have come in any other order", by the largest statistic
/// of all series when their rounds are permuted together: adjusted for the number of series, and without loss
/// where they drift alike because the machine did. Statistics are over their standard deviation (1/√n, and
/// Kendall's), so that a row that lost rounds doesn't drown the others; one with fewer than 6 has p 1. All
/// orders up to 7 rounds, beyond that drawn ones (b + 1)/(B + 1), at most 9,999 and fewer for large tables. 1
/// for a series without variance. Source: Westfall & Young, Resampling-Based Multiple Testing (1993),
/// single-step maxT; Phipson & Smyth 2010.
///
/// What can be seen: below 6 rounds no order is rare enough. Of 7 rounds a trend is seen if at most one pair
/// of rounds in 21 is out of order.
std::vector<double> trend_p(std::span<const Series> series, std::uint64_t seed);

/// The same for a positive lag-1 autocorrelation, which makes intervals too narrow. Power is low with few
/// rounds: of rounds that each keep 0.8 of the last one's deviation, 7 are noticed in about 1 table of 20
/// and 30 in about 9 of 10.
std::vector<double> autocorrelation_p(std::span<const Series> series, std::uint64_t seed);

/// Blocks inside a round share its weather: how many independent blocks these are worth, at most as many as
/// there are. n (1 − r)/(1 + r) with r the lag-1 autocorrelation about the rounds' means, pooled over the
/// rounds and corrected for the bias of their length. Describes; no interval counts blocks. nullopt where no
/// round has 3 blocks or none varies. Source: Bayley & Hammersley, J. R. Statist. Soc. Suppl. 8 (1946), for
/// an autoregression of order 1.
std::optional<double> effective_number(std::span<const std::vector<double>> rounds);

/// p of "the blocks have one mode": the smaller of two dip tests (dip.hpp) of the logarithms, doubled. One is
/// of all blocks less their round's median: speeds that change within a round. One is of the rounds' medians:
/// speeds that a process keeps. All blocks as they are would not do: seven rounds that merely differ are
/// seven clusters. `grain` is the step of the clock that read them, in logarithms: each value is spread
/// evenly over one, because steps would be modes.
struct Modes {
  double p = 1;
  bool within = false;  // which of the two it was
  /// What was tested, as logarithms: for two_groups.
  std::vector<double> values = {};
};
Modes modes_of(std::span<const std::vector<double>> log_rounds, double grain = 0, std::uint64_t seed = 585);

}  // namespace assay::stats
