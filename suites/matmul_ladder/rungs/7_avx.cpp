// Rung 7: the base case by hand: packed operands and a register tile in intrinsics. Else it is rung 6.
//
// A tile of C stays in registers for the whole of a block's k: 8×24 doubles are 24 of AVX-512's 32 registers,
// 4×12 are 12 of AVX2's 16, and either needs fewer loads than it does multiply-adds. Packing puts A and B
// into the order in which the tile reads them, padded with zeros to whole tiles (Goto & van de Geijn, ACM
// TOMS 34(3), 2008).
//
// Compiled with: -O3.
#include "suites/matmul_ladder/divide_and_conquer.hpp"
#include "suites/matmul_ladder/isa.hpp"
#include "suites/matmul_ladder/rung.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

using namespace matmul_ladder;

// Packed A and B, 288 KiB each, share an L2 cache; a multiple of every tile's sides.
constexpr int kPackedBase = 192;

// A kernel is a tile of C in registers: `add` adds a[rows×k] · b[k×columns], both packed, to the tile at `c`.

#if defined(__x86_64__)
struct Avx512 {
  static constexpr int rows = 8;
  static constexpr int columns = 24;

  __attribute__((target("avx512f"))) static void add(int k, const double* a, const double* b, double* c,
                                                     std::size_t stride) {
    __m512d sum[rows][3];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = _mm512_setzero_pd();
    for (int p = 0; p < k; ++p, a += rows, b += columns) {
      const __m512d b0 = _mm512_load_pd(b);
      const __m512d b1 = _mm512_load_pd(b + 8);
      const __m512d b2 = _mm512_load_pd(b + 16);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) {
        const __m512d x = _mm512_set1_pd(a[i]);
        sum[i][0] = _mm512_fmadd_pd(x, b0, sum[i][0]);
        sum[i][1] = _mm512_fmadd_pd(x, b1, sum[i][1]);
        sum[i][2] = _mm512_fmadd_pd(x, b2, sum[i][2]);
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i, c += stride) {
      _mm512_storeu_pd(c, _mm512_add_pd(_mm512_loadu_pd(c), sum[i][0]));
      _mm512_storeu_pd(c + 8, _mm512_add_pd(_mm512_loadu_pd(c + 8), sum[i][1]));
      _mm512_storeu_pd(c + 16, _mm512_add_pd(_mm512_loadu_pd(c + 16), sum[i][2]));
    }
  }
};

struct Avx2 {
  static constexpr int rows = 4;
  static constexpr int columns = 12;

  __attribute__((target("avx2,fma"))) static void add(int k, const double* a, const double* b, double* c,
                                                      std::size_t stride) {
    __m256d sum[rows][3];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = _mm256_setzero_pd();
    for (int p = 0; p < k; ++p, a += rows, b += columns) {
      const __m256d b0 = _mm256_load_pd(b);
      const __m256d b1 = _mm256_load_pd(b + 4);
      const __m256d b2 = _mm256_load_pd(b + 8);
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) {
        const __m256d x = _mm256_broadcast_sd(a + i);
        sum[i][0] = _mm256_fmadd_pd(x, b0, sum[i][0]);
        sum[i][1] = _mm256_fmadd_pd(x, b1, sum[i][1]);
        sum[i][2] = _mm256_fmadd_pd(x, b2, sum[i][2]);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i, c += stride) {
      _mm256_storeu_pd(c, _mm256_add_pd(_mm256_loadu_pd(c), sum[i][0]));
      _mm256_storeu_pd(c + 4, _mm256_add_pd(_mm256_loadu_pd(c + 4), sum[i][1]));
      _mm256_storeu_pd(c + 8, _mm256_add_pd(_mm256_loadu_pd(c + 8), sum[i][2]));
    }
  }
};
#elif defined(__aarch64__)
struct Neon {
  static constexpr int rows = 6;
  static constexpr int columns = 8;

  static void add(int k, const double* a, const double* b, double* c, std::size_t stride) {
    float64x2_t sum[rows][4];
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) sum[i][0] = sum[i][1] = sum[i][2] = sum[i][3] = vdupq_n_f64(0);
    for (int p = 0; p < k; ++p, a += rows, b += columns) {
      const float64x2_t b0 = vld1q_f64(b);
      const float64x2_t b1 = vld1q_f64(b + 2);
      const float64x2_t b2 = vld1q_f64(b + 4);
      const float64x2_t b3 = vld1q_f64(b + 6);
#pragma GCC unroll 6
      for (int i = 0; i < rows; ++i) {
        const float64x2_t x = vld1q_dup_f64(a + i);
        sum[i][0] = vfmaq_f64(sum[i][0], x, b0);
        sum[i][1] = vfmaq_f64(sum[i][1], x, b1);
        sum[i][2] = vfmaq_f64(sum[i][2], x, b2);
        sum[i][3] = vfmaq_f64(sum[i][3], x, b3);
      }
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i, c += stride) {
      vst1q_f64(c, vaddq_f64(vld1q_f64(c), sum[i][0]));
      vst1q_f64(c + 2, vaddq_f64(vld1q_f64(c + 2), sum[i][1]));
      vst1q_f64(c + 4, vaddq_f64(vld1q_f64(c + 4), sum[i][2]));
      vst1q_f64(c + 6, vaddq_f64(vld1q_f64(c + 6), sum[i][3]));
    }
  }
};
#endif

/// A[m×k] as panels of Kernel::rows rows: panel, then p, then row.
template <class Kernel>
void pack_a(const Block& block, double* packed) {
  for (int first = 0; first < block.m; first += Kernel::rows, packed += Kernel::rows * block.k) {
    const int rows = std::min(Kernel::rows, block.m - first);
    for (int i = 0; i < Kernel::rows; ++i) {
      const double* from = i < rows ? block.a_row(first + i) : nullptr;
      for (int p = 0; p < block.k; ++p) packed[p * Kernel::rows + i] = from ? from[p] : 0.0;
    }
  }
}

/// B[k×n] as panels of Kernel::columns columns: panel, then p, then column.
template <class Kernel>
void pack_b(const Block& block, double* packed) {
  for (int first = 0; first < block.n; first += Kernel::columns) {
    const int columns = std::min(Kernel::columns, block.n - first);
    for (int p = 0; p < block.k; ++p, packed += Kernel::columns) {
      const double* from = block.b_row(p) + first;
      std::fill(std::copy(from, from + columns, packed), packed + Kernel::columns, 0.0);
    }
  }
}

template <class Kernel>
void packed_product(const Block& block) {
  static_assert(kPackedBase % Kernel::rows == 0 && kPackedBase % Kernel::columns == 0);
  alignas(64) double a[kPackedBase * kPackedBase];
  alignas(64) double b[kPackedBase * kPackedBase];
  pack_a<Kernel>(block, a);
  pack_b<Kernel>(block, b);
  for (int j = 0; j < block.n; j += Kernel::columns) {
    for (int i = 0; i < block.m; i += Kernel::rows) {
      const int rows = std::min(Kernel::rows, block.m - i);
      const int columns = std::min(Kernel::columns, block.n - j);
      double* c = block.c_row(i) + j;
      if (rows == Kernel::rows && columns == Kernel::columns) {
        Kernel::add(block.k, a + i * block.k, b + j * block.k, c, block.stride);
        continue;
      }
      // At an edge only part of the tile is C's.
      alignas(64) double tile[Kernel::rows * Kernel::columns] = {};
      Kernel::add(block.k, a + i * block.k, b + j * block.k, tile, Kernel::columns);
      for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
          c[static_cast<std::size_t>(y) * block.stride + static_cast<std::size_t>(x)] +=
              tile[y * Kernel::columns + x];
        }
      }
    }
  }
}

BaseCase base_case() {
  switch (best_isa()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return packed_product<Avx512>;
    case Isa::avx2:
      return packed_product<Avx2>;
#elif defined(__aarch64__)
    case Isa::neon:
      return packed_product<Neon>;
#endif
    default:
      return nullptr;
  }
}

void multiply(const double* a, const double* b, double* c, int n, const int*, int, int threads) {
  multiply_by_halves<kPackedBase>(a, b, c, n, threads, base_case());
}

const char* refusal() {
  if (!base_case()) return "needs AVX2 and FMA";
  return no_openmp();
}

}  // namespace

RUNG(.multiply = multiply, .refusal = refusal)
