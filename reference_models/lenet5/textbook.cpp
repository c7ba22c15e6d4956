// Compiled with -O2 -fno-tree-vectorize: what a compiler makes of it without being asked for more.
#include "reference_models/lenet5/textbook.hpp"

#include <algorithm>

#include "reference_models/lenet5/architecture.hpp"

namespace lenet5::textbook {

void convolve(const float* in, int in_maps, int in_side, int padding, const float* weights, const float* bias, int maps, float* out) {
  const int side = in_side + 2 * padding - kKernel + 1;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        float sum = bias[m];
        for (int c = 0; c < in_maps; ++c) {
          for (int ky = std::max(0, padding - y); ky < std::min(kKernel, in_side + padding - y); ++ky) {
            for (int kx = std::max(0, padding - x); kx < std::min(kKernel, in_side + padding - x); ++kx) {
              sum += weights[((m * in_maps + c) * kKernel + ky) * kKernel + kx] * in[(c * in_side + y + ky - padding) * in_side + x + kx - padding];
            }
          }
        }
        *out++ = std::max(0.0F, sum);
      }
    }
  }
}

void largest_of_four(const float* in, int maps, int side, float* out) {
  for (int m = 0; m < maps; ++m, in += side * side) {
    for (int y = 0; y < side; y += 2) {
      for (int x = 0; x < side; x += 2) {
        const float* at = in + y * side + x;
        *out++ = std::max(std::max(at[0], at[1]), std::max(at[side], at[side + 1]));
      }
    }
  }
}

void connect(const float* in, int inputs, const float* weights, const float* bias, int outputs, bool relu, float* out) {
  for (int o = 0; o < outputs; ++o) {
    float sum = bias[o];
    for (int i = 0; i < inputs; ++i) sum += weights[o * inputs + i] * in[i];
    out[o] = relu ? std::max(0.0F, sum) : sum;
  }
}

}  // namespace lenet5::textbook
