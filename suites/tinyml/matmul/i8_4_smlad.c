/* Rung 4: SMLAD adds two products at once. Differs from 3 only in what the tile does with four steps of k.
 *
 * SMLAD multiplies pairs of int16, so int8 must be widened and paired along k (pairs.h). One load brings four
 * elements. A pair of A lies in one word; for pairs of B, halves of two rows' words are put together first.
 * Eight sums, four pairs of B and the pointers are more than 14 registers: the compiler spills some.
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"
#include "suites/tinyml/matmul/pairs.h"

enum { kRows = 2, kColumns = 4 };

static inline void add_products(int16x2_t a, const int16x2_t b[kColumns], int32_t sums[kColumns]) {
  for (int column = 0; column < kColumns; ++column) sums[column] = __smlad(a, b[column], sums[column]);
}

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int i = 0; i < n; i += kRows) {
    for (int j = 0; j < n; j += kColumns) {
      int32_t sums[kRows][kColumns] = {{0}};
      for (int k = 0; k < n; k += 4) {
        const int8_t* rows = a + i * n + k;
        const int8_t* columns = b + k * n + j;
        int16x2_t pairs[kColumns];
        pair_rows(four(columns), four(columns + 2 * n), pairs);
        for (int row = 0; row < kRows; ++row) add_products(even(four(rows + row * n)), pairs, sums[row]);
        pair_rows(four(columns + n), four(columns + 3 * n), pairs);
        for (int row = 0; row < kRows; ++row) add_products(odd(four(rows + row * n)), pairs, sums[row]);
      }
      for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) c[(i + row) * n + j + column] = sums[row][column];
      }
    }
  }
}
