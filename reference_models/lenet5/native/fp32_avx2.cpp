#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx2,fma")

#define LANES 8
#define PRECISION fp32
#define GROUP 1
#define ISA avx2_code
#define LENET5_KERNELS avx2
#define LENET5_NAME "avx2"

namespace lenet5::PRECISION::ISA {
namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline Vector multiply_add_one(Vector a, const float* b, Vector c) { return _mm256_fmadd_ps(a, _mm256_broadcast_ss(b), c); }
[[gnu::always_inline]] inline Vector largest(Vector a, Vector b) { return _mm256_max_ps(a, b); }

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/fp32_body.inc"
#endif
