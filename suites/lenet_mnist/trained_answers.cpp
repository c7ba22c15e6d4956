#include "suites/lenet_mnist/trained_answers.hpp"

#include <algorithm>

#include "reference_models/lenet5/libtorch.hpp"
#include "suites/lenet_mnist/classify_all.hpp"

namespace lenet_mnist {

std::vector<std::int32_t> trained_answers(const lenet5::Weights& weights, const assay::data::Labelled& images, int first, int count) {
  const auto classifier = lenet5::make_libtorch(weights, lenet5::TorchMode::eager, {.batch = kClassifiedAtOnce});
  return classify_all(**classifier, images, first, count);
}

}  // namespace lenet_mnist
