// The innermost loop of rungs 7 and 8: a tile of C that stays in registers while a whole slice of k is added to it.
//
//     Avx512<double>::multiply(k, a, b, c, stride, false, next_b);      // c[8×24] += a[k×8]ᵀ · b[k×24]
//
// 8×24 doubles are 24 of AVX-512's 32 registers, 4×12 are 12 of AVX2's 16; floats are half as long, and a tile of them
// is twice as wide. A step of k loads the tile's width of B and 8 values of A and does 24 multiply-adds of whole
// registers with them: the processor, not its loads, is the limit, and there are more independent sums than a
// multiply-add has cycles of latency on both of its ports.
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
template <class Element>
constexpr int kLine = 64 / sizeof(Element);  // elements in a cache line

/// Asks for a line into L1 and all caches below, or into L2 and below.
inline void fetch_to_l1(const void* line) {
  __builtin_prefetch(line, 0, 3);
}
inline void fetch_to_l2(const void* line) {
  __builtin_prefetch(line, 0, 2);
}

/// Every line of a tile of C, whose rows may begin anywhere in one.
template <int rows, int columns, class Element>
inline void fetch_tile(const Element* c, std::size_t stride, void (*fetch)(const void*)) {
  for (int i = 0; i < rows; ++i, c += stride) {
    for (int j = 0; j < columns; j += kLine<Element>) fetch(c + j);
    fetch(c + columns - 1);
  }
}

// What a kernel does with vectors, registers full of elements, has the same names for doubles and for floats:
//
//     load(x), store(x, v)       from and to x[0], x[1], …, wherever x lies
//     broadcast(x)               x[0] in every place
//     multiply_add(x, y, sum)    x·y + sum, rounded once
//
// A kernel's `multiply` makes the rows×columns tile at `c`, whose rows lie `stride` elements apart, the product of a and b
// (first) or adds it to what is there. a and b are aligned to 64 bytes; `ahead` is what to fetch for later, k / 4 lines.
// multiply<used> does so for the first `used` of its vectors' columns only, where C ends within the tile.

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f")))
#define AVX2 __attribute__((target("avx2,fma")))

template <class Element>
struct Avx512Vector;
template <>
struct Avx512Vector<double> {
  using Register = __m512d;
  AVX512 static Register load(const double* x) { return _mm512_loadu_pd(x); }
  AVX512 static void store(double* x, Register v) { _mm512_storeu_pd(x, v); }
  AVX512 static Register broadcast(const double* x) { return _mm512_set1_pd(*x); }
  AVX512 static Register multiply_add(Register x, Register y, Register sum) { return _mm512_fmadd_pd(x, y, sum); }
};
template <>
struct Avx512Vector<float> {
  using Register = __m512;
  AVX512 static Register load(const float* x) { return _mm512_loadu_ps(x); }
  AVX512 static void store(float* x, Register v) { _mm512_storeu_ps(x, v); }
  AVX512 static Register broadcast(const float* x) { return _mm512_set1_ps(*x); }
  AVX512 static Register multiply_add(Register x, Register y, Register sum) { return _mm512_fmadd_ps(x, y, sum); }
};

template <class Element>
struct Avx512 {
  using Vector = Avx512Vector<Element>;
  using Register = typename Vector::Register;
  static constexpr int vectors = 3;
  static constexpr int lanes = sizeof(Register) / sizeof(Element);
  static constexpr int rows = 8;
  static constexpr int columns = vectors * lanes;

  template <int used = vectors>
  AVX512 static void multiply(int k, const Element* a, const Element* b, Element* c, std::size_t stride, bool first,
                              const Element* ahead) {
    Register sum[rows][used];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
      for (int j = 0; j < used; ++j) sum[i][j] = Register{};
    }
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        Register y[used];
#pragma GCC unroll 3
        for (int j = 0; j < used; ++j) y[j] = Vector::load(b + j * lanes);
        fetch_to_l1(a + kStepsAhead * rows);
        for (int j = 0; j < used * lanes; j += kLine<Element>) fetch_to_l1(b + kStepsAhead * columns + j);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine<Element>; }
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) {
          const Register x = Vector::broadcast(a + i);
#pragma GCC unroll 3
          for (int j = 0; j < used; ++j) sum[i][j] = Vector::multiply_add(x, y[j], sum[i][j]);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 3
      for (int j = 0; j < used; ++j) {
        if (!first) sum[i][j] = Vector::load(c + j * lanes) + sum[i][j];
        Vector::store(c + j * lanes, sum[i][j]);
      }
    }
  }
};

template <class Element>
struct Avx2Vector;
template <>
struct Avx2Vector<double> {
  using Register = __m256d;
  AVX2 static Register load(const double* x) { return _mm256_loadu_pd(x); }
  AVX2 static void store(double* x, Register v) { _mm256_storeu_pd(x, v); }
  AVX2 static Register broadcast(const double* x) { return _mm256_broadcast_sd(x); }
  AVX2 static Register multiply_add(Register x, Register y, Register sum) { return _mm256_fmadd_pd(x, y, sum); }
};
template <>
struct Avx2Vector<float> {
  using Register = __m256;
  AVX2 static Register load(const float* x) { return _mm256_loadu_ps(x); }
  AVX2 static void store(float* x, Register v) { _mm256_storeu_ps(x, v); }
  AVX2 static Register broadcast(const float* x) { return _mm256_broadcast_ss(x); }
  AVX2 static Register multiply_add(Register x, Register y, Register sum) { return _mm256_fmadd_ps(x, y, sum); }
};

template <class Element>
struct Avx2 {
  using Vector = Avx2Vector<Element>;
  using Register = typename Vector::Register;
  static constexpr int vectors = 3;
  static constexpr int lanes = sizeof(Register) / sizeof(Element);
  static constexpr int rows = 4;
  static constexpr int columns = vectors * lanes;

  template <int used = vectors>
  AVX2 static void multiply(int k, const Element* a, const Element* b, Element* c, std::size_t stride, bool first,
                            const Element* ahead) {
    Register sum[rows][used];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 3
      for (int j = 0; j < used; ++j) sum[i][j] = Register{};
    }
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        Register y[used];
#pragma GCC unroll 3
        for (int j = 0; j < used; ++j) y[j] = Vector::load(b + j * lanes);
        fetch_to_l1(a + kStepsAhead * rows);
        for (int j = 0; j < used * lanes; j += kLine<Element>) fetch_to_l1(b + kStepsAhead * columns + j);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine<Element>; }
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i) {
          const Register x = Vector::broadcast(a + i);
#pragma GCC unroll 3
          for (int j = 0; j < used; ++j) sum[i][j] = Vector::multiply_add(x, y[j], sum[i][j]);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 3
      for (int j = 0; j < used; ++j) {
        if (!first) sum[i][j] = Vector::load(c + j * lanes) + sum[i][j];
        Vector::store(c + j * lanes, sum[i][j]);
      }
    }
  }
};

#undef AVX512
#undef AVX2
#elif defined(__aarch64__)
template <class Element>
struct NeonVector;
template <>
struct NeonVector<double> {
  using Register = float64x2_t;
  static Register load(const double* x) { return vld1q_f64(x); }
  static void store(double* x, Register v) { vst1q_f64(x, v); }
  static Register broadcast(const double* x) { return vld1q_dup_f64(x); }
  static Register multiply_add(Register x, Register y, Register sum) { return vfmaq_f64(sum, x, y); }
};
template <>
struct NeonVector<float> {
  using Register = float32x4_t;
  static Register load(const float* x) { return vld1q_f32(x); }
  static void store(float* x, Register v) { vst1q_f32(x, v); }
  static Register broadcast(const float* x) { return vld1q_dup_f32(x); }
  static Register multiply_add(Register x, Register y, Register sum) { return vfmaq_f32(sum, x, y); }
};

template <class Element>
struct Neon {
  using Vector = NeonVector<Element>;
  using Register = typename Vector::Register;
  static constexpr int vectors = 4;
  static constexpr int lanes = sizeof(Register) / sizeof(Element);
  static constexpr int rows = 6;
  static constexpr int columns = vectors * lanes;

  template <int used = vectors>
  static void multiply(int k, const Element* a, const Element* b, Element* c, std::size_t stride, bool first,
                       const Element* ahead) {
    Register sum[rows][used];
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < used; ++j) sum[i][j] = Register{};
    }
    fetch_tile<rows, columns>(c, stride, fetch_to_l2);
    int p = 0;
    for (const int until : {k - kStepsForC, k}) {
      for (; p < until; ++p, a += rows, b += columns) {
        Register y[used];
#pragma GCC unroll 4
        for (int j = 0; j < used; ++j) y[j] = Vector::load(b + j * lanes);
        fetch_to_l1(a + kStepsAhead * rows);
        for (int j = 0; j < used * lanes; j += kLine<Element>) fetch_to_l1(b + kStepsAhead * columns + j);
        if (p % 4 == 0) { fetch_to_l2(ahead); ahead += kLine<Element>; }
#pragma GCC unroll 6
        for (int i = 0; i < rows; ++i) {
          const Register x = Vector::broadcast(a + i);
#pragma GCC unroll 4
          for (int j = 0; j < used; ++j) sum[i][j] = Vector::multiply_add(x, y[j], sum[i][j]);
        }
      }
      if (until < k) fetch_tile<rows, columns>(c, stride, fetch_to_l1);
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i, c += stride) {
#pragma GCC unroll 4
      for (int j = 0; j < used; ++j) {
        if (!first) sum[i][j] = Vector::load(c + j * lanes) + sum[i][j];
        Vector::store(c + j * lanes, sum[i][j]);
      }
    }
  }
};
#endif

/// For every other processor, and as what to compare with: the compiler's own registers and vectors.
template <class Element>
struct Portable {
  static constexpr int vectors = 1;
  static constexpr int lanes = 4;
  static constexpr int rows = 4;
  static constexpr int columns = 4;

  template <int used = vectors>
  static void multiply(int k, const Element* a, const Element* b, Element* c, std::size_t stride, bool first,
                       const Element*) {
    Element sum[rows][columns] = {};
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

/// The part of a tile that lies inside C, where C ends within it: rows ≤ Kernel::rows, columns ≤ Kernel::columns. Computes
/// no more vectors than hold its columns: at n = 1024 AVX-512's last tiles of floats are 16 columns wide, one of three.
template <class Kernel, int used = Kernel::vectors, class Element>
void multiply_edge(int k, const Element* a, const Element* b, Element* c, std::size_t stride, bool first,
                   const Element* ahead, int rows, int columns) {
  if constexpr (used > 1) {
    if (columns <= (used - 1) * Kernel::lanes) {
      return multiply_edge<Kernel, used - 1>(k, a, b, c, stride, first, ahead, rows, columns);
    }
  }
  alignas(64) Element whole[Kernel::rows * Kernel::columns];
  Kernel::template multiply<used>(k, a, b, whole, Kernel::columns, true, ahead);
  for (int i = 0; i < rows; ++i, c += stride) {
    for (int j = 0; j < columns; ++j) c[j] = whole[i * Kernel::columns + j] + (first ? Element{0} : c[j]);
  }
}

}  // namespace
}  // namespace matmul_ladder
