// An implementation of LeNet-5, ready to answer: weights in place, memory allocated, batch size fixed.
//
//     auto classifier = make_native(weights, {.batch = 8});
//     (*classifier)->classify(images, logits);         // images[8][28][28], each 0 to 1; logits[8][10]
//
// Every implementation takes and gives the same: whatever else it needs (eight-bit pixels, another layout) is a part of its
// work, and of its time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "harness/core/result.hpp"
#include "reference_models/lenet5/weights.hpp"

namespace lenet5 {

enum class Precision { fp32, bf16, int8 };

struct ClassifierSettings {
  Precision precision = Precision::fp32;
  int batch = 1;    // images in each call, at least 1
  int threads = 1;
};

class Classifier {
 public:
  virtual ~Classifier() = default;
  /// Allocates nothing, unless a library behind it does.
  virtual void classify(const float* images, float* logits) = 0;
  /// Of the parameters as this implementation keeps them.
  virtual std::int64_t weight_bytes() const = 0;
  /// Of an int8 one: sums become activations in floats, to the nearest, ties to even, and not as integer_model.hpp says.
  virtual bool rounds_in_floats() const { return false; }
};

/// What answers, by name: {"libtorch": "1.13.0", "openblas": "SkylakeX"}, {"isa": "avx512"}.
using Libraries = std::map<std::string, std::string>;

/// The Error is a reason why this can't be had here: another processor, another build, a precision that isn't offered.
using MadeClassifier = assay::Result<std::unique_ptr<Classifier>>;

/// What an implementation begins with whose loops are written for the full network: it takes no weights of another width.
assay::Result<assay::Done> full_network_only(const char* implementation, const Sizes& sizes);

}  // namespace lenet5
