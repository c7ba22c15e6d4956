// LeNet-5 by LibTorch: eager and compiled (TorchScript's optimize_for_inference), and training. The one file that includes
// torch is libtorch.cpp: it takes a minute to compile. Networks of any sizes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "reference_models/lenet5/classifier.hpp"

namespace lenet5 {

enum class TorchMode {
  eager,   // modules called one after the other, without gradients
  frozen,  // torch.jit.freeze and torch.jit.optimize_for_inference
};

MadeClassifier make_libtorch(const Weights& weights, TorchMode mode, const ClassifierSettings& settings);
Libraries libtorch_libraries();

/// Adam (Kingma & Ba 2015) on the cross entropy; the rate falls to 0 along a half cosine over all steps.
struct Training {
  int epochs = 1;
  int batch = 64;
  double rate = 1e-3;
  std::uint64_t seed = 1;  // of the first weights and of the order of the images
  int threads = 1;         // with one, equal settings give equal bytes on one machine
  Sizes sizes = {};        // of the network
};

/// images[n][28][28] of bytes, n labels 0 to 9, n ≥ 1. `after_epoch` gets the number of epochs done and the weights so far.
Weights train(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels, const Training& training,
              const std::function<void(int, const Weights&)>& after_epoch = {});

/// One step of Adam after the other on one batch, from given weights on, at a rate that stays: what training costs.
class Trainer {
 public:
  virtual ~Trainer() = default;
  virtual void step() = 0;
  virtual bool loss_is_finite() const = 0;
};
std::unique_ptr<Trainer> make_trainer(const Weights& weights, std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels,
                                      const Training& training);

}  // namespace lenet5
