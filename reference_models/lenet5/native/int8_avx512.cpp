#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx2")

#define LANES 16
#define PRECISION int8
#define GROUP 2
#define ISA avx512_code
#define LENET5_KERNELS avx512
#define LENET5_NAME "avx512"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Lanes dot(Lanes sum, Lanes activations, Lanes weights) {
  return sum + reinterpret_cast<Lanes>(_mm512_madd_epi16(reinterpret_cast<__m512i>(activations), reinterpret_cast<__m512i>(weights)));
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/int8_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
