// g++ 12 spills registers where twenty accumulators are fed by broadcasts; said in assembly, each is one instruction.
#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")

#define LANES 16
#define PRECISION fp32
#define GROUP 1
#define ISA avx512_code
#define LENET5_KERNELS avx512
#define LENET5_NAME "avx512"

namespace lenet5::PRECISION::ISA {
namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline Vector multiply_add_one(Vector a, const float* b, Vector c) {
  asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
  return c;
}
[[gnu::always_inline]] inline Vector largest(Vector a, Vector b) { return _mm512_max_ps(a, b); }
/// As in fp32_body.inc.
[[gnu::always_inline]] inline int find_used(const float* in, int count, int* used) {
  __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  int n = 0;
  for (int k = 0; k < count; k += LANES) {
    const __mmask16 is_there = count - k >= LANES ? static_cast<__mmask16>(0xffff) : static_cast<__mmask16>((1U << (count - k)) - 1);
    const __mmask16 is_used = _mm512_mask_cmp_ps_mask(is_there, _mm512_maskz_loadu_ps(is_there, in + k), _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_si512(used + n, _mm512_maskz_compress_epi32(is_used, places));  // to a register first: into memory it is slow on Zen 4
    n += __builtin_popcount(is_used);
    places = _mm512_add_epi32(places, _mm512_set1_epi32(LANES));
  }
  return n;
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/fp32_body.inc"
#endif
