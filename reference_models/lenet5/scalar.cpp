// Compiled with: -O2 -fno-tree-vectorize. What a compiler makes of it without being asked for more.
#include "reference_models/lenet5/scalar.hpp"

#include <algorithm>

namespace lenet5 {

namespace {

/// out[maps][side][side] from in[in_maps][in_side][in_side], with ReLU.
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

class Scalar : public Classifier {
 public:
  Scalar(const Weights& weights, int batch) : w_(weights), batch_(batch) {}

  void classify(const float* images, float* logits) override {
    for (int i = 0; i < batch_; ++i, images += kPixels, logits += kClasses) {
      convolve(images, 1, kSide, kPadding, w_.conv1.data(), w_.conv1_bias.data(), kMaps1, wide_);
      largest_of_four(wide_, kMaps1, kSide, narrow_);
      convolve(narrow_, kMaps1, kSide1, 0, w_.conv2.data(), w_.conv2_bias.data(), kMaps2, wide_);
      largest_of_four(wide_, kMaps2, 2 * kSide2, narrow_);
      connect(narrow_, kFlat, w_.fc1.data(), w_.fc1_bias.data(), kHidden1, true, wide_);
      connect(wide_, kHidden1, w_.fc2.data(), w_.fc2_bias.data(), kHidden2, true, narrow_);
      connect(narrow_, kHidden2, w_.fc3.data(), w_.fc3_bias.data(), kClasses, false, logits);
    }
  }
  std::int64_t weight_bytes() const override { return 4 * kParameters; }

 private:
  Weights w_;
  int batch_;
  float wide_[kMaps1 * kPixels];
  float narrow_[kMaps1 * kSide1 * kSide1];
};

}  // namespace

MadeClassifier make_scalar(const Weights& weights, const ClassifierSettings& settings) {
  if (settings.precision != Precision::fp32) return assay::Error{"scalar computes in fp32 only"};
  if (settings.threads != 1) return assay::Error{"scalar has one thread only"};
  return std::unique_ptr<Classifier>(std::make_unique<Scalar>(weights, settings.batch));
}

}  // namespace lenet5
