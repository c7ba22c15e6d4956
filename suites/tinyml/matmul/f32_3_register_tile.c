/* Rung 3: 16 sums at once, a tile of 4 rows and 4 columns. Differs from 2 only in the order of the work.
 *
 * Rung 2 loads two elements for each product. Here eight loads make 16 products: an element is used four
 * times.
 *
 * Compiled with: -O3 -ffp-contract=fast.
 */
#define MATMUL_F32
#include "suites/tinyml/matmul/matmul.h"

enum { kRows = 4, kColumns = 4 };

void matmul(int n, const float* a, const float* b, float* c) {
  for (int i = 0; i < n; i += kRows) {
    for (int j = 0; j < n; j += kColumns) {
      float sums[kRows][kColumns] = {{0}};
      for (int k = 0; k < n; ++k) {
        for (int row = 0; row < kRows; ++row) {
          for (int column = 0; column < kColumns; ++column) {
            sums[row][column] += a[(i + row) * n + k] * b[k * n + j + column];
          }
        }
      }
      for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) c[(i + row) * n + j + column] = sums[row][column];
      }
    }
  }
}
