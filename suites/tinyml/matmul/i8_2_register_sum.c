/* Rung 2: the sum is a local variable. Differs from 1 in nothing else.
 *
 * An int8_t may alias anything, so rung 1 must store c[i][j] after every product: it could lie in A or B.
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      int32_t sum = 0;
      for (int k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
      c[i * n + j] = sum;
    }
  }
}
