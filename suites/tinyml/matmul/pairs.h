/* Pairs of int16 from words of four int8, for SMLAD.
 *
 *     smlad(pair of A, pair of B, sum)        sum + both products
 *
 * The pairs are (k, k+2) and (k+1, k+3), since SXTB16 widens bytes 0 and 2 of a word, and of a rotated word
 * bytes 1 and 3. A sum does not care in which order its products come as long as A and B agree.
 * Some of it is assembler: GCC 12 finds neither SXTB16's free rotation nor PKHBT and PKHTB, and without them
 * rung 4 is no faster than rung 3.
 */
#ifndef SUITES_TINYML_MATMUL_PAIRS_H
#define SUITES_TINYML_MATMUL_PAIRS_H

#include <arm_acle.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) Four;

/* The four elements from `from` on, which is 4-byte aligned. */
static inline uint32_t four(const int8_t* from) {
  return *(const Four*)from;
}

/* Elements 0 and 2 of four. */
static inline int16x2_t even(uint32_t word) {
  return __sxtb16(word);
}

/* Elements 1 and 3 of four. */
static inline int16x2_t odd(uint32_t word) {
  int16x2_t pair;
  __asm("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
  return pair;
}

/* Four columns of two rows of B as one pair a column. */
static inline void pair_rows(uint32_t first, uint32_t second, int16x2_t pairs[4]) {
  uint32_t left, right;
  __asm("pkhbt %0, %1, %2, lsl #16" : "=r"(left) : "r"(first), "r"(second));
  __asm("pkhtb %0, %1, %2, asr #16" : "=r"(right) : "r"(second), "r"(first));
  pairs[0] = even(left);
  pairs[1] = odd(left);
  pairs[2] = even(right);
  pairs[3] = odd(right);
}

#endif
