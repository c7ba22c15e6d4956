// Four sums a register: SSE2, which every x86-64 has, or whatever GCC makes of a vector of four elsewhere.
#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define LANES 4
#define PRECISION int8
#define GROUP 2
#define ISA portable_code
#define LENET5_KERNELS portable
#define LENET5_NAME "portable"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Lanes dot(Lanes sum, Lanes activations, Lanes weights) {
#if defined(__x86_64__)
  return sum + reinterpret_cast<Lanes>(_mm_madd_epi16(reinterpret_cast<__m128i>(activations), reinterpret_cast<__m128i>(weights)));
#else
  return sum + (activations << 16 >> 16) * (weights << 16 >> 16) + (activations >> 16) * (weights >> 16);
#endif
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/int8_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
