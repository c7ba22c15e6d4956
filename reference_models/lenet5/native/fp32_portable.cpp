// Four floats a register: what every processor that GCC has vectors for can do, NEON's fused multiply-add among it.
#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

#define LANES 4
#define PRECISION fp32
#define GROUP 1
#define ISA portable_code
#define LENET5_KERNELS portable
#define LENET5_NAME "portable"

namespace lenet5::PRECISION::ISA {
namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Vector multiply_add(Vector a, Vector b, Vector c) {
#if defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}
[[gnu::always_inline]] inline Vector multiply_add_one(Vector a, const float* b, Vector c) { return multiply_add(a, *b - Vector{}, c); }
[[gnu::always_inline]] inline Vector largest(Vector a, Vector b) { return a > b ? a : b; }

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/fp32_body.inc"
