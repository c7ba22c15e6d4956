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

/// A byte of each lane of 128 bits for every byte of a lane of the result; 0x80: none.
struct Places {
  alignas(64) unsigned char of[64];
};
/// Lane x = 4·L + j has, of the 16 bytes from 8·L on, byte 2j + offset and the next ones, `count` in all.
constexpr Places places(int offset, int count) {
  Places p{};
  for (int i = 0; i < 64; ++i) p.of[i] = static_cast<unsigned char>(i % 4 < count ? i % 16 / 4 * 2 + offset + i % 4 : 0x80);
  return p;
}
constexpr Places kTaps0 = places(0, 4), kTaps1 = places(1, 4), kCorner0 = places(4, 1), kCorner1 = places(5, 1);

/// Of a row of bytes: taps[p], lane x, bytes 2x+p … 2x+p+3; corner[p], byte 2x+p+4 and three of 0.
[[gnu::always_inline]] inline void spread_row(const unsigned char* row, Lanes* taps, Lanes* corner) {
  const __m512i bytes = _mm512_loadu_si512(row);
  const __m512i spread = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 1, 2, 2, 3, 3, 4), bytes);
  const auto chosen = [&](const Places& p) __attribute__((always_inline)) {
    return reinterpret_cast<Lanes>(_mm512_shuffle_epi8(spread, _mm512_load_si512(p.of)));
  };
  taps[0] = chosen(kTaps0);
  taps[1] = chosen(kTaps1);
  corner[0] = chosen(kCorner0);
  corner[1] = chosen(kCorner1);
}
[[gnu::always_inline]] inline Lanes shifted_down(Lanes v) { return reinterpret_cast<Lanes>(_mm512_srli_epi32(reinterpret_cast<__m512i>(v), 8)); }

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/int8_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
#endif
