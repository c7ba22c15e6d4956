// The innermost loop of rungs 7 and 8: a tile of C that stays in registers while a whole slice of k is added to it.
//
//     Avx512::multiply(k, a, b, c, stride, false, next_b);      // c[8×24] += a[k×8]ᵀ · b[k×24]
//
// 8×24 doubles are 24 of AVX-512's 32 registers, 4×12 are 12 of AVX2's 16. A step of k loads 24 values of B and 8 of
// A and does 8·24 multiply-adds with them: the processor, not its loads, is the limit, and there are more
// independent sums than a multiply-add has cycles of latency on both of its ports.
//
// a and b are packed: for each p in 0 … k−1 the tile's rows of A, then its columns of B, one after the other.
//
// What the loop will need is asked for in time, or it waits: A and B eight steps ahead into L1; the tile of C into L2
// at the start and into L1 sixteen steps before the end (asked for at once, what streams past would push it out); and
// every fourth step a line of what comes after this tile into L2. Each of the first three is worth 4 to 8 % of rung 8.
#pragma once

#include <cstddef>

#include "suites/matmul_ladder/isa.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace matmul_ladder {
// Unnamed: each rung compiles its own copy, with its own flags.
namespace {

constexpr int kStepsAhead = 8;
constexpr int kStepsForC = 16;
constexpr int kLine = 64 / sizeof(double);  // doubles in a cache line

/// Asks for a line into L1 and all caches below, or into L2 and below.
inline void fetch_to_l1(const double* line) {
  __builtin_prefetch(line, 0, 3);
}
inline void fetch_to_l2(const double* line) {
  __builtin_prefetch(line, 0, 2);
}

/// Every line of a tile of C, whose rows may begin anywhere in one.
template <int rows, int columns>
inline void fetch_tile(const double* c, std::size_t stride, void (*fetch)(const double*)) {
  for (int i = 0; i < rows; ++i, c += stride) {
    for (int j = 0; j < columns; j += kLine) fetch(c + j);
    fetch(c + columns - 1);
  }
}

// A kernel: `multiply` makes the rows×columns tile at `c`, whose rows lie `stride` doubles apart, the product of a and b
// (first) or adds it to what is there. a and b are aligned to 64 bytes; `ahead` is what to fetch for later, k / 4 lines.

#if defined(__x86_64__)
struct Avx512 {
  static constexpr int rows = 8;
  static constexpr int columns = 24;

  __attribute__((target("avx512f"))) static void multiply(int k, const double* a, const double* b, double* c,
                                                          std::size_t stride, bool first, const double* ahead) {
    __m512d sum[rows][3];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = _mm512_setzero_pd();
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        const __m512d b0 = _mm512_load_pd(b);
        const __m512d b1 = _mm512_load_pd(b + 8);
        const __m512d b2 = _mm512_load_pd(b + 16);
        fetch_to_l1(a + kStepsAhead * rows);
        for (int j = 0; j < columns; j += kLine) fetch_to_l1(b + kStepsAhead * columns + j);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine; }
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) {
          const __m512d x = _mm512_set1_pd(a[i]);
          sum[i][0] = _mm512_fmadd_pd(x, b0, sum[i][0]);
          sum[i][1] = _mm512_fmadd_pd(x, b1, sum[i][1]);
          sum[i][2] = _mm512_fmadd_pd(x, b2, sum[i][2]);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
        if (!first) sum[i][j] = _mm512_add_pd(_mm512_loadu_pd(c + 8 * j), sum[i][j]);
        _mm512_storeu_pd(c + 8 * j, sum[i][j]);
      }
    }
  }
};

struct Avx2 {
  static constexpr int rows = 4;
  static constexpr int columns = 12;

  __attribute__((target("avx2,fma"))) static void multiply(int k, const double* a, const double* b, double* c,
                                                           std::size_t stride, bool first, const double* ahead) {
    __m256d sum[rows][3];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = _mm256_setzero_pd();
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        const __m256d b0 = _mm256_load_pd(b);
        const __m256d b1 = _mm256_load_pd(b + 4);
        const __m256d b2 = _mm256_load_pd(b + 8);
        fetch_to_l1(a + kStepsAhead * rows);
        for (int j = 0; j < columns; j += kLine) fetch_to_l1(b + kStepsAhead * columns + j);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine; }
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i) {
          const __m256d x = _mm256_broadcast_sd(a + i);
          sum[i][0] = _mm256_fmadd_pd(x, b0, sum[i][0]);
          sum[i][1] = _mm256_fmadd_pd(x, b1, sum[i][1]);
          sum[i][2] = _mm256_fmadd_pd(x, b2, sum[i][2]);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) {
        if (!first) sum[i][j] = _mm256_add_pd(_mm256_loadu_pd(c + 4 * j), sum[i][j]);
        _mm256_storeu_pd(c + 4 * j, sum[i][j]);
      }
    }
  }
};
#elif defined(__aarch64__)
struct Neon {
  static constexpr int rows = 6;
  static constexpr int columns = 8;

  static void multiply(int k, const double* a, const double* b, double* c, std::size_t stride, bool first,
                       const double* ahead) {
    float64x2_t sum[rows][4];
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = sum[i][3] = vdupq_n_f64(0);
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        const float64x2_t b0 = vld1q_f64(b);
        const float64x2_t b1 = vld1q_f64(b + 2);
        const float64x2_t b2 = vld1q_f64(b + 4);
        const float64x2_t b3 = vld1q_f64(b + 6);
        fetch_to_l1(a + kStepsAhead * rows);
        fetch_to_l1(b + kStepsAhead * columns);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine; }
#pragma GCC unroll 6
        for (int i = 0; i < rows; ++i) {
          const float64x2_t x = vld1q_dup_f64(a + i);
          sum[i][0] = vfmaq_f64(sum[i][0], x, b0);
          sum[i][1] = vfmaq_f64(sum[i][1], x, b1);
          sum[i][2] = vfmaq_f64(sum[i][2], x, b2);
          sum[i][3] = vfmaq_f64(sum[i][3], x, b3);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        if (!first) sum[i][j] = vaddq_f64(vld1q_f64(c + 2 * j), sum[i][j]);
        vst1q_f64(c + 2 * j, sum[i][j]);
      }
    }
  }
};
#endif

/// For every other processor, and as what to compare with: the compiler's own registers and vectors.
struct Portable {
  static constexpr int rows = 4;
  static constexpr int columns = 4;

  static void multiply(int k, const double* a, const double* b, double* c, std::size_t stride, bool first, const double*) {
    double sum[rows][columns] = {};
    for (int p = 0; p < k; ++p, a += rows, b += columns) {
      for (int i = 0; i < rows; ++i) {
        for (int j = 0; j < columns; ++j) sum[i][j] += a[i] * b[j];
      }
    }
    for (int i = 0; i < rows; ++i, c += stride) {
      for (int j = 0; j < columns; ++j) c[j] = first ? sum[i][j] : c[j] + sum[i][j];
    }
  }
};

/// The part of a tile that lies inside C, where C ends within it: rows ≤ Kernel::rows, columns ≤ Kernel::columns.
template <class Kernel>
void multiply_edge(int k, const double* a, const double* b, double* c, std::size_t stride, bool first, const double* ahead,
                   int rows, int columns) {
  alignas(64) double whole[Kernel::rows * Kernel::columns];
  Kernel::multiply(k, a, b, whole, Kernel::columns, true, ahead);
  for (int i = 0; i < rows; ++i, c += stride) {
    for (int j = 0; j < columns; ++j) c[j] = whole[i * Kernel::columns + j] + (first ? 0.0 : c[j]);
  }
}

}  // namespace
}  // namespace matmul_ladder
