// How choices are made: on 5,000 of the training images, which are trained on by nobody. The test set is for the end.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/data/stored_dataset.hpp"

namespace lenet_mnist {

inline constexpr int kHeldOut = 5'000;  // the last ones of the training set

/// `count` images from the first on.
inline std::span<const std::uint8_t> pixels_of(const assay::data::Labelled& images, int first, int count) {
  return {images.image(first).data(), static_cast<std::size_t>(count) * images.image_bytes()};
}
inline std::span<const std::uint8_t> labels_of(const assay::data::Labelled& images, int first, int count) {
  return {reinterpret_cast<const std::uint8_t*>(images.labels.data()) + first, static_cast<std::size_t>(count)};
}

/// The share of right answers, answers[i] being for image first + i.
inline double accuracy_of(const std::vector<std::int32_t>& answers, const assay::data::Labelled& images, int first) {
  int right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) right += answers[i] == images.label(first + static_cast<int>(i));
  return static_cast<double>(right) / static_cast<double>(answers.size());
}

}  // namespace lenet_mnist
