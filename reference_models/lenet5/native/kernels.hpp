// What the native implementation is made of: for each precision and width of registers one set of kernels, compiled by a file of
// its own (fp32_avx512.cpp …) from fp32_body.inc or, where a lane of four bytes holds a group of narrower numbers, grouped_body.inc.
//
// Convolutions work on one image: conv1 with fourteen columns of its result in the lanes (even and odd ones apart, so that the
// maximum of 2×2 is that of four registers), conv2 with its sixteen maps in the lanes. Layers work on several images with
// outputs in the lanes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reference_models/lenet5/architecture.hpp"

namespace lenet5 {

/// The parameters of one layer in the order in which kernels read them. A lane holds the weights of one output for a group of inputs: one
/// float, two of sixteen bits, or four of eight. Bias, multiplier and shift stand by output, filled up to whole registers.
template <class Lane, class Sum>
struct PackedLayer {
  const Lane* weights = nullptr;  // [group][output]: of a convolution a map is an output
  const Sum* bias = nullptr;
  const std::int32_t *multiplier = nullptr, *shift = nullptr;  // of integers only
};

template <class Lane_, class Sum_>
struct Packed {
  using Lane = Lane_;
  using Sum = Sum_;
  PackedLayer<Lane, Sum> conv1, conv2, fc1, fc2, fc3;  // fc1's inputs in the order [y][x][map]
  float logit_scale = 1;                               // of integers: a logit is its sum times this
};

/// Registers of `lanes` sums; a layer's outputs, filled up, are so many of them.
struct Widths {
  int lanes, group;
  int fc1, fc2, fc3;
};

template <class Packed>
struct Kernels {
  const char* isa;
  Widths widths;
  /// Bytes that `classify` works in, aligned to 64, to be given zeroed once.
  std::size_t scratch;
  /// images[count][784], each 0 to 1 → logits[count][10].
  void (*classify)(const Packed&, const float* images, int count, float* logits, void* scratch);
};

// Each is to be called where the processor has what its name says.
namespace fp32 {
using Parameters = Packed<float, float>;
extern const Kernels<Parameters> portable, avx2, avx512;
}  // namespace fp32

/// Weights and activations rounded to bfloat16, summed in floats.
namespace bf16 {
using Parameters = Packed<std::int32_t, float>;
extern const Kernels<Parameters> portable, avx2, avx512_bf16;
}  // namespace bf16

/// integer_model.hpp: all give the same sums, so their answers are equal bit for bit. avx512_vnni_256 does what avx_vnni does, in
/// AVX-512's encoding.
namespace int8 {
using Parameters = Packed<std::int32_t, std::int32_t>;
extern const Kernels<Parameters> portable, avx2, avx512, avx_vnni, avx512_vnni_256, avx512_vnni;
}  // namespace int8

}  // namespace lenet5
