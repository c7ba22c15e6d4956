// The parameters of one trained network, and the file that they are kept in.
//
//     const auto weights = lenet5::load_weights(folder / "mnist.safetensors");
//     if (!weights) refuse(weights.error().message);      // what is wrong with the file, and what to do
//
// Format: safetensors. Names and shapes are those of PyTorch's state_dict, so safetensors.torch.load_file reads it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "reference_models/lenet5/architecture.hpp"
#include "reference_models/lenet5/safetensors.hpp"

namespace lenet5 {

/// Row-major, as PyTorch has them: convolutions [out][in][5][5], layers [out][in].
struct Weights {
  std::vector<float> conv1 = std::vector<float>(kMaps1 * kTaps), conv1_bias = std::vector<float>(kMaps1);
  std::vector<float> conv2 = std::vector<float>(kMaps2 * kMaps1 * kTaps), conv2_bias = std::vector<float>(kMaps2);
  std::vector<float> fc1 = std::vector<float>(kHidden1 * kFlat), fc1_bias = std::vector<float>(kHidden1);
  std::vector<float> fc2 = std::vector<float>(kHidden2 * kHidden1), fc2_bias = std::vector<float>(kHidden2);
  std::vector<float> fc3 = std::vector<float>(kClasses * kHidden2), fc3_bias = std::vector<float>(kClasses);
  std::map<std::string, std::string> metadata;  // of the file: how it was made
  std::string sha256;                           // of the file's bytes; empty if it comes from none
};

/// The parameters' names in the file, shapes, and where each is in Weights.
struct Parameter {
  std::string name;  // "conv1.weight"
  Shape shape;
  std::vector<float> Weights::*values;
};
const std::vector<Parameter>& parameters();

/// Refuses with one message: a file that can't be read, isn't safetensors, is cut short, lacks a tensor, has one of another type
/// or shape, or a value that isn't finite.
assay::Result<Weights> load_weights(const std::filesystem::path& file);
/// The same of the file's bytes; `name` stands at the head of a message.
assay::Result<Weights> parse_weights(const std::string& bytes, const std::string& name);

/// The bytes of the file: equal weights and metadata give equal bytes.
std::string to_safetensors(const Weights& weights);

/// Seeded weights of a trained network's size, for measuring where there are no trained ones: uniform as PyTorch begins.
Weights random_weights(std::uint64_t seed);

}  // namespace lenet5
