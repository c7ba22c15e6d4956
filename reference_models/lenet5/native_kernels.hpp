// What the native implementation is made of, once for each width of registers: native_body.inc, compiled by native_avx512.cpp,
// native_avx2.cpp and native_portable.cpp.
//
// Convolutions work on one image: conv1 with fourteen columns of its result in the lanes (even and odd ones apart, so that the
// maximum of 2×2 is that of four registers), conv2 with its sixteen maps in the lanes. Layers work on several images with
// outputs in the lanes, and on one with the inputs that are 0 left out.
#pragma once

#include <cstddef>

#include "reference_models/lenet5/architecture.hpp"

namespace lenet5::native {

/// The parameters in the order in which the kernels of one width read them, each beginning on a cache line.
struct Packed {
  const float *conv1, *conv1_bias;  // [25][6]
  const float *conv2, *conv2_bias;  // [6·25][16]
  const float *fc1, *fc1_bias;      // [panel][input][lanes of the panel]; fc1's inputs in the order [y][x][map]
  const float *fc2, *fc2_bias;
  const float *fc3, *fc3_bias;
};

/// Registers of `lanes` floats; a layer's outputs stand in panels of so many registers, the last filled up with zeros.
struct Widths {
  int lanes, fc1, fc2, fc3;
};

struct Kernels {
  const char* isa;
  Widths widths;
  /// Floats that `classify` works in, aligned to 64 bytes, to be given zeroed once.
  std::size_t scratch;
  /// images[count][784] → logits[count][10].
  void (*classify)(const Packed&, const float* images, int count, float* logits, float* scratch);
};

extern const Kernels portable;
#if defined(__x86_64__)
extern const Kernels avx2, avx512;  // to be called where the processor has them
#endif

}  // namespace lenet5::native
