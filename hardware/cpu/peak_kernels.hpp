// The inner loops of the peak, one per instruction set. Each multiplies and adds into independent accumulators that
// never leave their registers: enough of them to hide the latency of a fused multiply-add on every port.
//
// Every kernel computes the same thing. Accumulator j starts at j in each of its lanes; each of `rounds` rounds adds
// 3/4 · (1 + l) to lane l of every accumulator; at the end the accumulators are added up lane by lane. So lane l of
// the result is exactly
//
//     Σ_j j + accumulators · rounds · 3/4 · (1 + l)
//
// In f32 too: accumulators are multiples of 1/4 below 2²², and with `rounds` a multiple of 4 they end as integers whose
// sums stay below 2²⁴, both of which f32 holds exactly.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::hardware {

enum class Precision { f64, f32 };

inline constexpr int kMostAccumulators = 24;
inline constexpr int kWidestVector = 64;  // bytes

/// The operands of one kernel, in memory only before and after its loop.
struct alignas(kWidestVector) PeakOperands {
  alignas(kWidestVector) unsigned char start[kMostAccumulators * kWidestVector];  // accumulator j, lane l
  alignas(kWidestVector) unsigned char x[kWidestVector];  // every lane: 3 where the product is fused, else 1
  alignas(kWidestVector) unsigned char y[kWidestVector];  // lane l: x·y (fused) or y (not) is 3/4 · (1 + l)
  alignas(kWidestVector) unsigned char sum[kWidestVector];
};

struct PeakKernel {
  std::string_view isa;    // "avx512f", "avx2", "sse2", "neon", "portable"
  std::string_view needs;  // what the processor must have: "AVX-512F"
  Precision precision = Precision::f64;
  int lanes = 1;
  int accumulators = 1;
  bool fused = false;  // acc = x·y + acc in one instruction; else acc = acc·x + y in two
  void (*run)(std::int64_t rounds, PeakOperands& operands) = nullptr;
};

/// The kernels that were compiled in and that this processor can run, best first.
std::vector<PeakKernel> usable_peak_kernels(Precision precision);

/// All that were compiled in, best first, whether this processor can run them or not.
std::vector<PeakKernel> compiled_peak_kernels(Precision precision);

}  // namespace assay::hardware
