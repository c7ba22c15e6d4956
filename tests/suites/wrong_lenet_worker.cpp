// Implementations of LeNet-5 that are wrong: those that judge them must say so.
#include <algorithm>
#include <utility>

#include "reference_models/lenet5/scalar.hpp"
#include "suites/lenet_mnist/serve_implementations.hpp"

namespace {

/// The scalar implementation with two logits of one image exchanged: of the last in a batch of more than `spared`.
class Exchanged : public lenet5::Classifier {
 public:
  Exchanged(std::unique_ptr<lenet5::Classifier> right, int batch, int spared) : right_(std::move(right)), batch_(batch), spared_(spared) {}

  void classify(const float* images, float* logits) override {
    right_->classify(images, logits);
    float* last = logits + static_cast<std::ptrdiff_t>(batch_ - 1) * lenet5::kClasses;
    if (batch_ > spared_) std::iter_swap(last, last + 1);
  }
  std::int64_t weight_bytes() const override { return right_->weight_bytes(); }

 private:
  std::unique_ptr<lenet5::Classifier> right_;
  int batch_, spared_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto exchanged = [](int spared) {
    return [spared](const lenet_mnist::Model& model, const lenet5::ClassifierSettings& settings, const std::vector<int>&) -> lenet5::MadeClassifier {
      auto right = lenet5::make_scalar(model.weights, settings);
      if (!right) return right.error();
      return std::unique_ptr<lenet5::Classifier>(std::make_unique<Exchanged>(std::move(*right), settings.batch, spared));
    };
  };
  return lenet_mnist::serve_implementations({"wrong_lenet", {}, {{"wrong", exchanged(0)}, {"wrong_in_batches", exchanged(1)}}, {}}, argc, argv);
}
