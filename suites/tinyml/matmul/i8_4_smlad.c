/* Rung 4: SMLAD adds two products at once. Differs from 3 only in what the tile does with four steps of k.
 *
 * SMLAD multiplies pairs of int16, so int8 must be widened and paired along k. One load brings four elements; SXTB16
 * widens bytes 0 and 2 of a word, and after a shift by 8 bits 1 and 3. The pairs are therefore (k, k+2) and (k+1, k+3). Those of
 * A lie in one word; for those of B, halves of two rows' words are put together first (PKHBT, PKHTB).
 *
 * Compiled with: -O3.
 */
#include "matmul.h"

#include <arm_acle.h>

enum { kRows = 2, kColumns = 4 };

/* Elements 0 and 2, or 1 and 3, of the four in `word`. */
static inline int16x2_t even(uint32_t word) {
  return __sxtb16(word);
}
static inline int16x2_t odd(uint32_t word) {
  return __sxtb16(word >> 8);
}

static inline uint32_t four(const int8_t* from) {
  return *(const uint32_t*)from;
}

/* Four pairs, one a column: the elements of the row in `first` with those of the row in `second`. */
static inline void pair_rows(uint32_t first, uint32_t second, int16x2_t pairs[kColumns]) {
  const uint32_t left = (first & 0xffff) | second << 16;
  const uint32_t right = first >> 16 | (second & 0xffff0000);
  pairs[0] = even(left);
  pairs[1] = odd(left);
  pairs[2] = even(right);
  pairs[3] = odd(right);
}

void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c) {
  for (int i = 0; i < n; i += kRows) {
    for (int j = 0; j < n; j += kColumns) {
      int32_t sums[kRows][kColumns] = {{0}};
      for (int k = 0; k < n; k += 4) {
        const int8_t* from = b + k * n + j;
        int16x2_t pairs[kColumns];
        pair_rows(four(from), four(from + 2 * n), pairs);
        for (int row = 0; row < kRows; ++row) {
          const int16x2_t pair = even(four(a + (i + row) * n + k));
          for (int column = 0; column < kColumns; ++column) {
            sums[row][column] = __smlad(pair, pairs[column], sums[row][column]);
          }
        }
        pair_rows(four(from + n), four(from + 3 * n), pairs);
        for (int row = 0; row < kRows; ++row) {
          const int16x2_t pair = odd(four(a + (i + row) * n + k));
          for (int column = 0; column < kColumns; ++column) {
            sums[row][column] = __smlad(pair, pairs[column], sums[row][column]);
          }
        }
      }
      for (int row = 0; row < kRows; ++row) {
        for (int column = 0; column < kColumns; ++column) c[(i + row) * n + j + column] = sums[row][column];
      }
    }
  }
}
