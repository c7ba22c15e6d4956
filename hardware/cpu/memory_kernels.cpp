#include "hardware/cpu/memory_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace assay::hardware {

namespace {

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("avx512f,prefer-vector-width=512")
namespace avx512 {
constexpr std::size_t kVectorBytes = 64;
inline void stream(double* to, double __attribute__((vector_size(64))) x) { _mm512_stream_pd(to, x); }
#include "hardware/cpu/memory_kernels_body.inc"
}  // namespace avx512
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
constexpr std::size_t kVectorBytes = 32;
inline void stream(double* to, double __attribute__((vector_size(32))) x) { _mm256_stream_pd(to, x); }
#include "hardware/cpu/memory_kernels_body.inc"
}  // namespace avx2
#pragma GCC pop_options

namespace sse2 {
constexpr std::size_t kVectorBytes = 16;
inline void stream(double* to, double __attribute__((vector_size(16))) x) { _mm_stream_pd(to, x); }
#include "hardware/cpu/memory_kernels_body.inc"
}  // namespace sse2

#else

namespace portable {
constexpr std::size_t kVectorBytes = 16;
inline void stream(double* to, double __attribute__((vector_size(16))) x) {
  *reinterpret_cast<double __attribute__((vector_size(16)))*>(to) = x;
}
#include "hardware/cpu/memory_kernels_body.inc"
}  // namespace portable

#endif

}  // namespace

std::vector<MemoryKernels> usable_memory_kernels() {
  std::vector<MemoryKernels> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) kernels.push_back(avx512::kernels_named("avx512f"));
  if (__builtin_cpu_supports("avx2")) kernels.push_back(avx2::kernels_named("avx2"));
  kernels.push_back(sse2::kernels_named("sse2"));
#elif defined(__aarch64__)
  kernels.push_back(portable::kernels_named("neon"));
#else
  kernels.push_back(portable::kernels_named("portable"));
#endif
  return kernels;
}

}  // namespace assay::hardware
