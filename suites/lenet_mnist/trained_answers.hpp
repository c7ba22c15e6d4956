// What a network in training answers, by LibTorch.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/data/stored_dataset.hpp"
#include "reference_models/lenet5/weights.hpp"

namespace lenet_mnist {

/// The classes of `count` images from the first on.
std::vector<std::int32_t> trained_answers(const lenet5::Weights& weights, const assay::data::Labelled& images, int first, int count);

}  // namespace lenet_mnist
