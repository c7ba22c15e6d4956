#include "reference_models/lenet5/int8_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx2")

#define LANES 8
#define GROUP 2
#define ISA avx2_code
#define LENET5_KERNELS avx2
#define LENET5_NAME "avx2"

namespace lenet5::int8::ISA {
namespace {

typedef int Sums __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Sums dot(Sums sum, Sums activations, Sums weights) {
  return sum + reinterpret_cast<Sums>(_mm256_madd_epi16(reinterpret_cast<__m256i>(activations), reinterpret_cast<__m256i>(weights)));
}

}  // namespace
}  // namespace lenet5::int8::ISA

#include "reference_models/lenet5/int8_body.inc"
#endif
