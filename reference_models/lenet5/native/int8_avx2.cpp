#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx2")

#define LANES 8
#define PRECISION int8
#define GROUP 2
#define ISA avx2_code
#define LENET5_KERNELS avx2
#define LENET5_NAME "avx2"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Lanes dot(Lanes sum, Lanes activations, Lanes weights) {
  return sum + reinterpret_cast<Lanes>(_mm256_madd_epi16(reinterpret_cast<__m256i>(activations), reinterpret_cast<__m256i>(weights)));
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/int8_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
