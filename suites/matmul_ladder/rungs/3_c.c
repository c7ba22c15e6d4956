/* Rung 3: the same loops in C, compiled ahead of time. Differs from 2 only in the language.
 *
 * C may alias A and B for all the compiler knows, so it keeps the loops in the order written here: a column
 * of B is walked with a stride of n, and that is what this rung costs.
 *
 * Compiled with: -O3 -fno-tree-vectorize -fno-tree-slp-vectorize.
 */
#include "suites/matmul_ladder/rung.h"

static void multiply(const double* a, const double* b, double* c, int n, const int* rows, int row_count,
                     int threads) {
  const size_t stride = (size_t)n;
  (void)threads;
  for (int r = 0; r < row_count; ++r) {
    const size_t i = (size_t)rows[r];
    for (size_t j = 0; j < stride; ++j) {
      c[i * stride + j] = 0;
      for (size_t k = 0; k < stride; ++k) c[i * stride + j] += a[i * stride + k] * b[k * stride + j];
    }
  }
}

RUNG(.multiply = multiply, .sampled_above_flop = 0x1p31)
