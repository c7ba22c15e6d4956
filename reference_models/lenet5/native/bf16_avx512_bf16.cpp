#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma")

#define LANES 16
#define PRECISION bf16
#define GROUP 2
#define ISA avx512_bf16_code
#define LENET5_KERNELS avx512_bf16
#define LENET5_NAME "avx512_bf16"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));
typedef float Sums __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Sums dot(Sums sum, Lanes activations, Lanes weights) {
  asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(activations), "v"(weights));
  return sum;
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/bf16_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
