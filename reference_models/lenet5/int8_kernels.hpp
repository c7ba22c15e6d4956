// What native int8 is made of, once for each width: int8_body.inc, compiled by int8_vnni.cpp (sixteen sums, four eight-bit products
// each: AVX-512 VNNI), int8_avx512.cpp, int8_avx2.cpp and int8_portable.cpp (two products of sixteen bits each).
//
// A group is what one lane of one instruction multiplies and adds: four activations of one byte, or two of two bytes, and as many
// weights, in the four bytes of a lane. All compute the same sums exactly, so that the answers are equal bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reference_models/lenet5/architecture.hpp"

namespace lenet5::int8 {

/// One layer: groups of weights in the order in which the kernels read them, and per output, filled up with zeros to whole registers,
/// bias, multiplier and shift.
struct PackedLayer {
  const std::int32_t *weights, *bias, *multiplier, *shift;
};

struct Packed {
  PackedLayer conv1;  // [group][6]; groups: see int8_body.inc
  PackedLayer conv2;  // [group][16]
  PackedLayer fc1, fc2, fc3;  // [panel][group][lanes of the panel]; fc1's inputs in the order [y][x][map]
  float logit_scale;
};

struct Widths {
  int lanes;          // sums a register
  int group;          // 4 or 2
  int fc1, fc2, fc3;  // registers a panel
};

struct Kernels {
  const char* isa;
  Widths widths;
  /// Bytes that `classify` works in, aligned to 64, to be given zeroed once.
  std::size_t scratch;
  /// images[count][784], each 0 to 1 → logits[count][10].
  void (*classify)(const Packed&, const float* images, int count, float* logits, void* scratch);
};

extern const Kernels portable;
#if defined(__x86_64__)
extern const Kernels avx2, avx512, vnni;  // to be called where the processor has them
#endif

}  // namespace lenet5::int8
