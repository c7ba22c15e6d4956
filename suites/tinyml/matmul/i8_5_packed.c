/* Rung 5: the pairs are made once and kept. Differs from 4 only in where the tile finds them.
 *
 * Rung 4 widens and pairs anew for every tile: an element of A n/4 times, one of B n/2 times. Here B is
 * packed before the first tile and two rows of A before theirs, in the order in which the tile reads them:
 *
 *     A, two rows         pair of k, then row:       2 words a pair
 *     B, four columns     pair of k, then column:    4 words a pair
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"
#include "suites/tinyml/matmul/pairs.h"

enum { kRows = 2, kColumns = 4 };

static int16x2_t packed_a[MATMUL_MOST_N / 2 * kRows];
static int16x2_t packed_b[MATMUL_MOST_N / 2 * MATMUL_MOST_N];

static void pack_rows(int n, const int8_t* rows, int16x2_t* to) {
  for (int k = 0; k < n; k += 4, to += 2 * kRows) {
    for (int row = 0; row < kRows; ++row) {
      const uint32_t word = four(rows + row * n + k);
      to[row] = even(word);
      to[kRows + row] = odd(word);
    }
  }
}

static void pack_columns(int n, const int8_t* columns, int16x2_t* to) {
  for (int k = 0; k < n; k += 4, columns += 4 * n, to += 2 * kColumns) {
    pair_rows(four(columns), four(columns + 2 * n), to);
    pair_rows(four(columns + n), four(columns + 3 * n), to + kColumns);
  }
}

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int j = 0; j < n; j += kColumns) pack_columns(n, b + j, packed_b + n / 2 * j);
  for (int i = 0; i < n; i += kRows) {
    pack_rows(n, a + i * n, packed_a);
    const int16x2_t* columns = packed_b;
    for (int j = 0; j < n; j += kColumns) {
      int32_t sums[kRows][kColumns] = {{0}};
      for (const int16x2_t* rows = packed_a; rows != packed_a + n / 2 * kRows;
           rows += kRows, columns += kColumns) {
        for (int row = 0; row < kRows; ++row) {
          for (int column = 0; column < kColumns; ++column) {
            sums[row][column] = __smlad(rows[row], columns[column], sums[row][column]);
          }
        }
      }
      for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) c[(i + row) * n + j + column] = sums[row][column];
      }
    }
  }
}
