// How choices are made: on 5,000 of the training images, which are trained on by nobody. The test set is for the end.
#pragma once

#include <cstdint>
#include <span>

#include "harness/data/stored_dataset.hpp"
#include "reference_models/lenet5/libtorch.hpp"

namespace lenet_mnist {

inline constexpr int kHeldOut = 5'000;  // the last ones of the training set

/// `count` images from the first on.
inline std::span<const std::uint8_t> pixels_of(const assay::data::Labelled& images, int first, int count) {
  return {images.image(first).data(), static_cast<std::size_t>(count) * images.image_bytes()};
}
inline std::span<const std::uint8_t> labels_of(const assay::data::Labelled& images, int first, int count) {
  return {reinterpret_cast<const std::uint8_t*>(images.labels.data()) + first, static_cast<std::size_t>(count)};
}

/// The classes that LibTorch answers for `count` images from the first on.
std::vector<std::int32_t> answers_of(const lenet5::Weights& weights, const assay::data::Labelled& images, int first, int count);
/// The share of right ones.
double accuracy_of(const std::vector<std::int32_t>& answers, const assay::data::Labelled& images, int first);

}  // namespace lenet_mnist
