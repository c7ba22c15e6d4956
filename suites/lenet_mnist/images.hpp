// The images that a worker classifies: those of a test set, or where it isn't on this machine seeded ones of the same kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/data/stored_dataset.hpp"

namespace lenet_mnist {

/// A batch of fewer goes round so many, so that no image is in a cache because it was the last.
inline constexpr int kImagesInTurn = 64;

struct Images {
  std::optional<assay::data::Labelled> test_set;
  std::string absent;           // why there is none, and what brings it here
  std::vector<float> pixels;    // of `count` images, each 0 to 1
  int count = 0;
};

/// The first `count` images of the test set of `dataset`, in rotation if it has fewer. Where the set is absent, `count` images with a
/// fifth of their pixels inked, as MNIST's are. An Error if there is no such set, or its files are altered.
assay::Result<Images> images_for(const std::string& dataset, int count, std::uint64_t seed);

}  // namespace lenet_mnist
