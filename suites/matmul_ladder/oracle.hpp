// Says whether C is A·B, by arithmetic that no rung uses: wider than C's, plain sums, no blocks, no threads.
//
//     const Judgement j = judge(a, b, c, n, rows, seed);     // double or float
//     if (!j.right()) …                                      // j.row and j.column say where
//
// Two checks, for all n rows of a large C can't be recomputed after every replicate:
//   1. Rows computed anew: all of them if n ≤ 256 or at most 16 are asked about, else 16 that the seed picks.
//   2. Every row asked about, by projection (Freivalds 1977): C·r against A·(B·r) for two random vectors r
//      in [-1, 1), for n² work in place of n³. A wrong element shows if its error times r_j exceeds the row's
//      tolerance, about n times an element's: 1e-7 at n = 1024, where a bug's errors are about 1.
//      In f32 it would be 16 there, and at n = 4096 more than a row of wrong elements adds up to. So a float's
//      rows are projected in strips of 32 columns, one vector each, for n³/32 work: a strip's tolerance is 0.5
//      at n = 1024, and 8 at n = 4096, where elements are about 20.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace matmul_ladder {

/// 2^-53 of double, 2^-24 of float: rounding to nearest.
template <class Element>
inline constexpr double kUnitRoundoff = std::numeric_limits<Element>::epsilon() / 2.0;

struct Judgement {
  /// The largest |err| / Σ|a||b| over the elements recomputed and the rows projected; infinite if C holds NaN
  /// or infinity anywhere in the rows asked about.
  double max_error = 0;
  /// 2·n·eps: |fl(Σab) − Σab| ≤ γ_n Σ|a||b| in any order of summation, with or without fused multiply-adds,
  /// and γ_n = n·eps / (1 − n·eps) ≤ 2·n·eps while n·eps ≤ 1/2 (Higham 2002, §3.1). A projected row's error is
  /// at most the sum of its elements' bounds times |r_j|, and is divided by that sum.
  double tolerance = 0;
  int row = -1;     // where max_error is; −1: nothing to report
  int column = -1;  // −1: found by projection, which knows only the row

  bool right() const { return max_error <= tolerance; }  // false for NaN
};

/// How `max_error` and `tolerance` are to be read, for people.
template <class Element>
std::string rule();

/// Judges the rows of C (n×n, row-major) that `rows` names. `seed` picks what is recomputed and projected.
/// Element is double or float.
template <class Element>
Judgement judge(const Element* a, const Element* b, const Element* c, int n, std::span<const int> rows,
                std::uint64_t seed);

}  // namespace matmul_ladder
