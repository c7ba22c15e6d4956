/* The one signature of the matmul ladders for a Cortex-M4F.
 *
 *     C[n×n] = A·B, all row-major; overwrites C; the three do not overlap.
 *     n is a multiple of 16, at most MATMUL_MOST_N. The buffers are 4-byte aligned.
 *
 * Rungs in int8 include this file as it stands, rungs in f32 define MATMUL_F32 before. A firmware is linked
 * with one rung. An int8 may have any value, −128 included: 96 products of at most 2¹⁴ fit into an int32.
 * A rung calls nothing and allocates nothing. It is not reentrant: some keep packed operands in static
 * arrays.
 */
#ifndef SUITES_TINYML_MATMUL_MATMUL_H
#define SUITES_TINYML_MATMUL_MATMUL_H

#define MATMUL_MOST_N 96

#ifndef __ASSEMBLER__
#ifdef MATMUL_F32
void matmul(int n, const float* a, const float* b, float* c);
#else
#include <stdint.h>
void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c);
#endif
#endif

#endif
