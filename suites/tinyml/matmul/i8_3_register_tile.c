/* Rung 3: eight sums at once, a tile of 2 rows and 4 columns. Differs from 2 only in the order of the work.
 *
 * Rung 2 loads two elements for each product. Here six loads make eight products: an element of A is used for
 * four columns, one of B for two rows.
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"

enum { kRows = 2, kColumns = 4 };

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int i = 0; i < n; i += kRows) {
    for (int j = 0; j < n; j += kColumns) {
      int32_t sums[kRows][kColumns] = {{0}};
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
