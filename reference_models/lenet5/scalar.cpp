#include "reference_models/lenet5/scalar.hpp"

#include "reference_models/lenet5/textbook.hpp"

namespace lenet5 {

namespace {

class Scalar : public Classifier {
 public:
  Scalar(const Weights& weights, int batch) : w_(weights), batch_(batch) {}

  void classify(const float* images, float* logits) override {
    for (int i = 0; i < batch_; ++i, images += kPixels, logits += kClasses) {
      textbook::convolve(images, 1, kSide, kPadding, w_.conv1.data(), w_.conv1_bias.data(), kMaps1, wide_);
      textbook::largest_of_four(wide_, kMaps1, kSide, narrow_);
      textbook::convolve(narrow_, kMaps1, kSide1, 0, w_.conv2.data(), w_.conv2_bias.data(), kMaps2, wide_);
      textbook::largest_of_four(wide_, kMaps2, 2 * kSide2, narrow_);
      textbook::connect(narrow_, kFlat, w_.fc1.data(), w_.fc1_bias.data(), kHidden1, true, wide_);
      textbook::connect(wide_, kHidden1, w_.fc2.data(), w_.fc2_bias.data(), kHidden2, true, narrow_);
      textbook::connect(narrow_, kHidden2, w_.fc3.data(), w_.fc3_bias.data(), kClasses, false, logits);
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
  if (const auto full = full_network_only("scalar", weights.sizes); !full) return full.error();
  if (settings.precision != Precision::fp32) return assay::Error{"scalar computes in fp32 only"};
  if (settings.threads != 1) return assay::Error{"scalar has one thread only"};
  return std::unique_ptr<Classifier>(std::make_unique<Scalar>(weights, settings.batch));
}

}  // namespace lenet5
