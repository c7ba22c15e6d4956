// Rung 4: the rows are shared out among threads. Differs from 3 only in the pragma.
//
// Compiled with: -O3 -fno-tree-vectorize -fno-tree-slp-vectorize.
#include <cstddef>

#include "suites/matmul_ladder/openmp.hpp"
#include "suites/matmul_ladder/rung.h"

namespace {

void multiply(const double* a, const double* b, double* c, int n, const int* rows, int row_count,
              [[maybe_unused]] int threads) {
  const auto stride = static_cast<std::size_t>(n);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int r = 0; r < row_count; ++r) {
    const auto i = static_cast<std::size_t>(rows[r]);
    for (std::size_t j = 0; j < stride; ++j) {
      c[i * stride + j] = 0;
      for (std::size_t k = 0; k < stride; ++k) c[i * stride + j] += a[i * stride + k] * b[k * stride + j];
    }
  }
}

}  // namespace

RUNG(.multiply = multiply, .sampled_above_flop = 0x1p31, .by_thread = true, .refusal = matmul_ladder::no_openmp)
