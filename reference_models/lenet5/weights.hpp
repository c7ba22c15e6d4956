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
  Weights() : Weights(Sizes{}) {}
  /// All 0.
  explicit Weights(const Sizes& sizes);

  Sizes sizes;
  std::vector<float> conv1, conv1_bias, conv2, conv2_bias, fc1, fc1_bias, fc2, fc2_bias, fc3, fc3_bias;
  std::map<std::string, std::string> metadata;  // of the file: how it was made
  std::string sha256;                           // of the file's bytes; empty if it comes from none
};

/// The parameters' names in the file, shapes, and where each is in Weights.
struct Parameter {
  std::string name;  // "conv1.weight"
  Shape shape;
  std::vector<float> Weights::*values;
};
std::vector<Parameter> parameters(const Sizes& sizes = {});

/// The sizes of the network in a file, which are those of its biases: 1 to 1,024 each. Refuses a file that lacks a tensor of `parameters`,
/// or has one whose shape contradicts the biases. Types and values are not looked at.
assay::Result<Sizes> sizes_in(const Safetensors& file, const std::string& name);

/// Of any sizes. Refuses with one message: a file that can't be read, isn't safetensors, is cut short, lacks a tensor, has one of another
/// type or a shape that the others contradict, or a value that isn't finite.
assay::Result<Weights> load_weights(const std::filesystem::path& file);
/// The same of the file's bytes; `name` stands at the head of a message.
assay::Result<Weights> parse_weights(const std::string& bytes, const std::string& name);

/// The bytes of the file: equal weights and metadata give equal bytes.
std::string to_safetensors(const Weights& weights);

/// Seeded weights of a trained network's size, for measuring where there are no trained ones: uniform as PyTorch begins.
Weights random_weights(std::uint64_t seed, const Sizes& sizes = {});

}  // namespace lenet5
