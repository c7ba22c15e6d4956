// Rung 9: the loops in the order i, k, j, so that B is read along its rows. Differs from 3 only in that.
// Compiled with: -O3.
#include "suites/matmul_ladder/rung.h"

static void multiply(const double* a, const double* b, double* c, int n, const int* rows, int row_count, int) {
  for (int r = 0; r < row_count; ++r) {
    const long i = rows[r];
    for (int j = 0; j < n; ++j) c[i * n + j] = 0;
    for (long k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
  }
}
RUNG(.multiply = multiply)
