#include "suites/lenet_mnist/held_out.hpp"

#include <algorithm>

#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

std::vector<std::int32_t> answers_of(const lenet5::Weights& weights, const assay::data::Labelled& images, int first, int count) {
  constexpr int at_once = 100;
  std::vector<float> pixels(at_once * lenet5::kPixels), logits(at_once * lenet5::kClasses);
  const auto classifier = lenet5::make_libtorch(weights, lenet5::TorchMode::eager, {.batch = at_once});
  std::vector<std::int32_t> answers;
  for (int done = 0; done < count; done += at_once) {
    const int now = std::min(at_once, count - done);
    scale_pixels(pixels_of(images, first + done, now), pixels.data());
    (*classifier)->classify(pixels.data(), logits.data());
    for (int i = 0; i < now; ++i) {
      const float* of_image = logits.data() + static_cast<std::ptrdiff_t>(i) * lenet5::kClasses;
      answers.push_back(static_cast<std::int32_t>(std::max_element(of_image, of_image + lenet5::kClasses) - of_image));
    }
  }
  return answers;
}

double accuracy_of(const std::vector<std::int32_t>& answers, const assay::data::Labelled& images, int first) {
  int right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) right += answers[i] == images.label(first + static_cast<int>(i));
  return static_cast<double>(right) / static_cast<double>(answers.size());
}

}  // namespace lenet_mnist
