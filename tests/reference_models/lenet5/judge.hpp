// Implementations before the oracle: on seeded weights and images, how far off they are, in units of what they may be.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "harness/core/random.hpp"
#include "reference_models/lenet5/classifier.hpp"
#include "reference_models/lenet5/integer_model.hpp"
#include "reference_models/lenet5/oracle.hpp"

namespace lenet5 {

/// A third of the pixels inked, at random: more than any digit asks of an index.
inline std::vector<float> random_images(int count, std::uint64_t seed) {
  assay::Random random(seed);
  std::vector<float> pixels(static_cast<std::size_t>(count) * kPixels);
  for (float& pixel : pixels) pixel = random.below(3) == 0 ? static_cast<float>(random.below(256)) / 255.0F : 0.0F;
  return pixels;
}

inline OracleSizes oracle_sizes(const Sizes& sizes) { return {sizes.maps1, sizes.maps2, sizes.hidden1, sizes.hidden2}; }

inline Oracle oracle_of(const Weights& w) {
  return Oracle({w.conv1.data(), w.conv1_bias.data(), w.conv2.data(), w.conv2_bias.data(), w.fc1.data(), w.fc1_bias.data(), w.fc2.data(), w.fc2_bias.data(),
                 w.fc3.data(), w.fc3_bias.data(), oracle_sizes(w.sizes)});
}

inline IntegerOracle oracle_of(const IntegerModel& model) {
  const auto layer = [](const IntegerLayer& l) { return IntegerOracleLayer{l.weights.data(), l.bias.data(), l.multiplier.data(), l.shift.data()}; };
  return {layer(model.conv1), layer(model.conv2), layer(model.fc1), layer(model.fc2), layer(model.fc3), oracle_sizes(model.sizes)};
}

/// One image's pixels, 0 to 255.
inline std::vector<unsigned char> pixels_of(const std::vector<float>& images, int image) {
  std::vector<unsigned char> pixels;
  for (int i = 0; i < kPixels; ++i) pixels.push_back(static_cast<unsigned char>(std::lround(images[static_cast<std::size_t>(image * kPixels + i)] * 255)));
  return pixels;
}

/// The largest |error| / bound over all logits; infinite where one wasn't written.
inline double worst_of(Classifier& classifier, const Weights& weights, const std::vector<float>& images, const Arithmetic& arithmetic) {
  const auto count = images.size() / kPixels;
  std::vector<float> logits(count * kClasses, std::numeric_limits<float>::quiet_NaN());
  classifier.classify(images.data(), logits.data());
  const Oracle oracle = oracle_of(weights);
  double worst = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Answer answer = oracle.answer(images.data() + i * kPixels, arithmetic);
    for (std::size_t k = 0; k < kClasses; ++k) {
      const double error = std::fabs(static_cast<double>(logits[i * kClasses + k]) - answer.logits[k]) / answer.bound[k];
      worst = error <= worst ? worst : std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
    }
  }
  return worst;
}

}  // namespace lenet5
