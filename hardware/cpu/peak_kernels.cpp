// The vector kernels are whole loops in inline assembly: g++ 12 spills vector registers once 20 to 24 accumulators are
// alive, and a spill in this loop would lower the peak that everything else is divided by. Dispatch is by function and
// not by a compiler flag for the whole file, so that no AVX-512 leaks into what older processors run.
#include "hardware/cpu/peak_kernels.hpp"

#include <algorithm>
#include <cstring>

namespace assay::hardware {

namespace {

// M(i, …) for each accumulator that is added to accumulator 0.
#define ASSAY_1_TO_11(M, ...)                                                                       \
  M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__) M(4, __VA_ARGS__) M(5, __VA_ARGS__)         \
  M(6, __VA_ARGS__) M(7, __VA_ARGS__) M(8, __VA_ARGS__) M(9, __VA_ARGS__) M(10, __VA_ARGS__)        \
  M(11, __VA_ARGS__)
#define ASSAY_1_TO_23(M, ...)                                                                       \
  ASSAY_1_TO_11(M, __VA_ARGS__)                                                                     \
  M(12, __VA_ARGS__) M(13, __VA_ARGS__) M(14, __VA_ARGS__) M(15, __VA_ARGS__) M(16, __VA_ARGS__)    \
  M(17, __VA_ARGS__) M(18, __VA_ARGS__) M(19, __VA_ARGS__) M(20, __VA_ARGS__) M(21, __VA_ARGS__)    \
  M(22, __VA_ARGS__) M(23, __VA_ARGS__)
#define ASSAY_0_TO_11(M, ...) M(0, __VA_ARGS__) ASSAY_1_TO_11(M, __VA_ARGS__)
#define ASSAY_0_TO_23(M, ...) M(0, __VA_ARGS__) ASSAY_1_TO_23(M, __VA_ARGS__)

// The frame that all share: load the accumulators, loop, add them up, store. `o` is the PeakOperands.
#define ASSAY_LOOP(load, x_y, body, add_up, store, count_down, ...)                                 \
  __asm__ volatile(load x_y ".p2align 5\n1:\n\t" body count_down add_up store                       \
                   : [rounds] "+r"(rounds)                                                          \
                   : [start] "r"(o.start), [x] "r"(o.x), [y] "r"(o.y), [sum] "r"(o.sum)             \
                   : __VA_ARGS__, "cc", "memory")

#if defined(__x86_64__)

#define ASSAY_CLOBBER_16                                                                            \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
      "xmm12", "xmm13", "xmm14", "xmm15"
#define ASSAY_CLOBBER_32                                                                            \
  ASSAY_CLOBBER_16, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",         \
      "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31"
#define ASSAY_COUNT_DOWN "decq %[rounds]\n\tjnz 1b\n\t"

// `p`: "d" or "s", the last letter of the instruction.
#define ASSAY_LOAD_ZMM(i, p) "vmovup" p " 64*" #i "(%[start]), %%zmm" #i "\n\t"
#define ASSAY_FMA_ZMM(i, p) "vfmadd231p" p " %%zmm30, %%zmm31, %%zmm" #i "\n\t"
#define ASSAY_SUM_ZMM(i, p) "vaddp" p " %%zmm" #i ", %%zmm0, %%zmm0\n\t"
#define ASSAY_LOAD_YMM(i, p) "vmovup" p " 32*" #i "(%[start]), %%ymm" #i "\n\t"
#define ASSAY_FMA_YMM(i, p) "vfmadd231p" p " %%ymm14, %%ymm15, %%ymm" #i "\n\t"
#define ASSAY_SUM_YMM(i, p) "vaddp" p " %%ymm" #i ", %%ymm0, %%ymm0\n\t"
#define ASSAY_LOAD_XMM(i, p) "movup" p " 16*" #i "(%[start]), %%xmm" #i "\n\t"
#define ASSAY_MUL_XMM(i, p) "mulp" p " %%xmm14, %%xmm" #i "\n\t"
#define ASSAY_ADD_XMM(i, p) "addp" p " %%xmm15, %%xmm" #i "\n\t"
#define ASSAY_SUM_XMM(i, p) "addp" p " %%xmm" #i ", %%xmm0\n\t"

// Two ports × latency 4 need 8 accumulators; 24 also hide a late one. They leave 8 of 32 registers free.
#define ASSAY_AVX512(name, p)                                                                       \
  __attribute__((target("avx512f"), noinline)) void name(std::int64_t rounds, PeakOperands& o) {    \
    ASSAY_LOOP(ASSAY_0_TO_23(ASSAY_LOAD_ZMM, p),                                                    \
               "vmovup" p " (%[x]), %%zmm30\n\tvmovup" p " (%[y]), %%zmm31\n\t",                    \
               ASSAY_0_TO_23(ASSAY_FMA_ZMM, p), ASSAY_1_TO_23(ASSAY_SUM_ZMM, p),                    \
               "vmovup" p " %%zmm0, (%[sum])\n\tvzeroupper\n\t", ASSAY_COUNT_DOWN, ASSAY_CLOBBER_32); \
  }
// Two ports × latency 5 (Haswell) need 10; with 12, two operands still fit into 16 registers.
#define ASSAY_AVX2(name, p)                                                                         \
  __attribute__((target("avx2,fma"), noinline)) void name(std::int64_t rounds, PeakOperands& o) {   \
    ASSAY_LOOP(ASSAY_0_TO_11(ASSAY_LOAD_YMM, p),                                                    \
               "vmovup" p " (%[x]), %%ymm14\n\tvmovup" p " (%[y]), %%ymm15\n\t",                    \
               ASSAY_0_TO_11(ASSAY_FMA_YMM, p), ASSAY_1_TO_11(ASSAY_SUM_YMM, p),                    \
               "vmovup" p " %%ymm0, (%[sum])\n\tvzeroupper\n\t", ASSAY_COUNT_DOWN, ASSAY_CLOBBER_16); \
  }
// No fused instruction: a multiplication by 1 and an addition, which the compiler can't know and so can't drop.
#define ASSAY_SSE2(name, p)                                                                         \
  __attribute__((noinline)) void name(std::int64_t rounds, PeakOperands& o) {                       \
    ASSAY_LOOP(ASSAY_0_TO_11(ASSAY_LOAD_XMM, p),                                                    \
               "movup" p " (%[x]), %%xmm14\n\tmovup" p " (%[y]), %%xmm15\n\t",                      \
               ASSAY_0_TO_11(ASSAY_MUL_XMM, p) ASSAY_0_TO_11(ASSAY_ADD_XMM, p),                     \
               ASSAY_1_TO_11(ASSAY_SUM_XMM, p), "movup" p " %%xmm0, (%[sum])\n\t",                  \
               ASSAY_COUNT_DOWN, ASSAY_CLOBBER_16);                                                 \
  }

ASSAY_AVX512(avx512_f64, "d")
ASSAY_AVX512(avx512_f32, "s")
ASSAY_AVX2(avx2_f64, "d")
ASSAY_AVX2(avx2_f32, "s")
ASSAY_SSE2(sse2_f64, "d")
ASSAY_SSE2(sse2_f32, "s")

#elif defined(__aarch64__)

#define ASSAY_CLOBBER_NEON                                                                          \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",    \
      "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v30", "v31"
#define ASSAY_LOAD_NEON(i, t) "ldr q" #i ", [%[start], #16*" #i "]\n\t"
#define ASSAY_FMA_NEON(i, t) "fmla v" #i "." t ", v30." t ", v31." t "\n\t"
#define ASSAY_SUM_NEON(i, t) "fadd v0." t ", v0." t ", v" #i "." t "\n\t"

// Four pipes × latency 4 (the widest cores) need 16 accumulators.
#define ASSAY_NEON(name, t)                                                                         \
  __attribute__((noinline)) void name(std::int64_t rounds, PeakOperands& o) {                       \
    ASSAY_LOOP(ASSAY_0_TO_23(ASSAY_LOAD_NEON, t), "ldr q30, [%[x]]\n\tldr q31, [%[y]]\n\t",         \
               ASSAY_0_TO_23(ASSAY_FMA_NEON, t), ASSAY_1_TO_23(ASSAY_SUM_NEON, t),                  \
               "str q0, [%[sum]]\n\t", "subs %[rounds], %[rounds], #1\n\tb.ne 1b\n\t",              \
               ASSAY_CLOBBER_NEON);                                                                 \
  }

ASSAY_NEON(neon_f64, "2d")
ASSAY_NEON(neon_f32, "4s")

#endif

/// Whatever the compiler makes of it. x and y come from memory, so that nothing can be computed in advance.
template <class Real>
void portable(std::int64_t rounds, PeakOperands& o) {
  constexpr int kAccumulators = 12;
  Real acc[kAccumulators], x, y;
  std::memcpy(acc, o.start, sizeof acc);
  std::memcpy(&x, o.x, sizeof x);
  std::memcpy(&y, o.y, sizeof y);
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (Real& a : acc) a = a * x + y;
  }
  for (int j = 1; j < kAccumulators; ++j) acc[0] += acc[j];
  std::memcpy(o.sum, &acc[0], sizeof acc[0]);
}

bool runs_here(const PeakKernel& kernel) {
#if defined(__x86_64__)
  if (kernel.isa == "avx512f") return __builtin_cpu_supports("avx512f");
  if (kernel.isa == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  static_cast<void>(kernel);
  return true;
}

}  // namespace

std::vector<PeakKernel> compiled_peak_kernels(Precision precision) {
  const bool f64 = precision == Precision::f64;
  const int scale = f64 ? 1 : 2;  // twice as many lanes
  std::vector<PeakKernel> kernels;
#if defined(__x86_64__)
  kernels.push_back({"avx512f", "AVX-512F", precision, 8 * scale, 24, true, f64 ? avx512_f64 : avx512_f32});
  kernels.push_back({"avx2", "AVX2 and FMA", precision, 4 * scale, 12, true, f64 ? avx2_f64 : avx2_f32});
  kernels.push_back({"sse2", "SSE2", precision, 2 * scale, 12, false, f64 ? sse2_f64 : sse2_f32});
#elif defined(__aarch64__)
  kernels.push_back({"neon", "Advanced SIMD", precision, 2 * scale, 24, true, f64 ? neon_f64 : neon_f32});
#else
  static_cast<void>(scale);
#endif
  kernels.push_back({"portable", "nothing", precision, 1, 12, false, f64 ? portable<double> : portable<float>});
  return kernels;
}

std::vector<PeakKernel> usable_peak_kernels(Precision precision) {
  std::vector<PeakKernel> kernels = compiled_peak_kernels(precision);
  std::erase_if(kernels, [](const PeakKernel& kernel) { return !runs_here(kernel); });
  return kernels;
}

}  // namespace assay::hardware
