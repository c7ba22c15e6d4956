/* Rung 1: three loops, as anyone would first write them.
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      c[i * n + j] = 0;
      for (int k = 0; k < n; ++k) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
}
