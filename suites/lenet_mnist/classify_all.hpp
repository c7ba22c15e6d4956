// The classes that an implementation answers for many images.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/data/stored_dataset.hpp"
#include "reference_models/lenet5/classifier.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

inline constexpr int kClassifiedAtOnce = 100;

/// Of `count` images from the first on. `classifier` was made for batches of kClassifiedAtOnce.
inline std::vector<std::int32_t> classify_all(lenet5::Classifier& classifier, const assay::data::Labelled& images, int first, int count) {
  using lenet5::kClasses;
  using lenet5::kPixels;
  std::vector<float> pixels(kClassifiedAtOnce * kPixels), logits(kClassifiedAtOnce * kClasses);
  std::vector<std::int32_t> answers;
  for (int done = 0; done < count; done += kClassifiedAtOnce) {
    const int now = std::min(kClassifiedAtOnce, count - done);
    for (int i = 0; i < now; ++i) scale_pixels(images.image(first + done + i), pixels.data() + static_cast<std::ptrdiff_t>(i) * kPixels);
    classifier.classify(pixels.data(), logits.data());
    for (int i = 0; i < now; ++i) {
      const float* of_image = logits.data() + static_cast<std::ptrdiff_t>(i) * kClasses;
      answers.push_back(static_cast<std::int32_t>(std::max_element(of_image, of_image + kClasses) - of_image));
    }
  }
  return answers;
}

}  // namespace lenet_mnist
