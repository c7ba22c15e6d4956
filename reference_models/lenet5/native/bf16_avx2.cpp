// A bfloat16 is the upper half of a float: two multiplications where AVX-512 has one instruction. Not fast, and right.
#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx2,fma")

#define LANES 8
#define PRECISION bf16
#define GROUP 2
#define ISA avx2_code
#define LENET5_KERNELS avx2
#define LENET5_NAME "avx2"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));
typedef float Sums __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Sums multiply_add(Lanes a, Lanes b, Sums c) { return _mm256_fmadd_ps(reinterpret_cast<Sums>(a), reinterpret_cast<Sums>(b), c); }
[[gnu::always_inline]] inline Sums dot(Sums sum, Lanes activations, Lanes weights) {
  constexpr int kHigh = static_cast<int>(0xffff0000);
  return multiply_add(activations << 16, weights << 16, multiply_add(activations & kHigh, weights & kHigh, sum));
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/bf16_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
