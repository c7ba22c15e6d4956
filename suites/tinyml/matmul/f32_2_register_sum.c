/* Rung 2: the sum is a local variable. Differs from 1 in nothing else.
 *
 * C may alias A and B for all the compiler knows, so rung 1 must store c[i][j] after every product.
 *
 * Compiled with: -O3 -ffp-contract=fast.
 */
#define MATMUL_F32
#include "suites/tinyml/matmul/matmul.h"

void matmul(int n, const float* a, const float* b, float* c) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      float sum = 0;
      for (int k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
      c[i * n + j] = sum;
    }
  }
}
