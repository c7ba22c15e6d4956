// g++ 12 spills registers where twenty accumulators are fed by broadcasts; said in assembly, each is one instruction.
#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")

#define LANES 16
#define ISA avx512_code
#define LENET5_KERNELS avx512
#define LENET5_NAME "avx512"

namespace lenet5::fp32::ISA {
namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline Vector multiply_add_one(Vector a, const float* b, Vector c) {
  asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(c) : "v"(a), "m"(*b));
  return c;
}
[[gnu::always_inline]] inline Vector largest(Vector a, Vector b) { return _mm512_max_ps(a, b); }

}  // namespace
}  // namespace lenet5::fp32::ISA

#include "reference_models/lenet5/native/fp32_body.inc"
#endif
