/* Rung 1: three loops, as anyone would first write them.
 *
 * Compiled with: -O3 -ffp-contract=fast.
 */
#define MATMUL_F32
#include "suites/tinyml/matmul/matmul.h"

void matmul(int n, const float* a, const float* b, float* c) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      c[i * n + j] = 0;
      for (int k = 0; k < n; ++k) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
}
