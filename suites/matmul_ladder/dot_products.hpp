// The base case of rungs 5 and 6: a block of dot products over a transposed copy of B, as in the paper.
//
// Inlined into each caller, so that it is compiled with its flags and for its instruction set.
#pragma once

#include "suites/matmul_ladder/divide_and_conquer.hpp"

namespace matmul_ladder {
namespace {

constexpr int kDotBase = 64;  // the copy is 32 KiB: with a row of A and of C it fits in L1 on most CPUs

/// C += A · B for one block. Copying B turns its columns into rows: both operands of the inner loop are
/// contiguous, and no stride of a power of two maps them onto the same cache sets.
__attribute__((always_inline)) inline void dot_products(const Block& block) {
  alignas(64) double columns[kDotBase * kDotBase];  // columns[j·64 + p] = B[p][j]
  for (int p = 0; p < block.k; ++p) {
    const double* row = block.b_row(p);
    for (int j = 0; j < block.n; ++j) columns[j * kDotBase + p] = row[j];
  }
  for (int i = 0; i < block.m; ++i) {
    const double* __restrict row = block.a_row(i);
    double* c = block.c_row(i);
    for (int j = 0; j < block.n; ++j) {
      const double* __restrict column = columns + j * kDotBase;
      double sum = 0;
      for (int p = 0; p < block.k; ++p) sum += row[p] * column[p];
      c[j] += sum;
    }
  }
}

}  // namespace
}  // namespace matmul_ladder
