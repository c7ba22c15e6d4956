#include "reference_models/lenet5/native/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512vnni,avx2")

#define LANES 16
#define PRECISION int8
#define GROUP 4
#define ISA avx512_vnni_code
#define LENET5_KERNELS avx512_vnni
#define LENET5_NAME "avx512_vnni"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Lanes dot(Lanes sum, Lanes activations, Lanes weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(activations), "v"(weights));
  return sum;
}

/// Sixteen bytes in each 128 bits, from 8 bytes further on than in the 128 bits before.
[[gnu::always_inline]] inline Lanes overlapping(const unsigned char* from) {
  return reinterpret_cast<Lanes>(_mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 1, 2, 2, 3, 3, 4), _mm512_loadu_si512(from)));
}
/// Of each 128 bits the bytes at those places.
[[gnu::always_inline]] inline Lanes chosen(Lanes bytes, const unsigned char* places) {
  return reinterpret_cast<Lanes>(_mm512_shuffle_epi8(reinterpret_cast<__m512i>(bytes), _mm512_load_si512(places)));
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/int8_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
