// LeNet-5 in integers: eight-bit weights and activations, sums of 32 bits, no float between pixels and logits. What the AVX-512
// kernels and the microcontroller compute, bit for bit.
//
//     pixel        0 to 255, as the camera has it: x = pixel / 255
//     sum          bias + Σ weight · activation                      int32; weight −127 to 127, per output its own scale
//     activation   (largest of 2×2 sums · multiplier + 2^(shift−1)) >> shift, cut to 0 … 255
//     logit        sum of fc3 · logit_scale                           one scale for all ten, so that sums can be compared
//
// A multiplier has eight bits (128 to 255) and is exact: a weight's scale is chosen such that weight scale · input scale / output scale is
// multiplier · 2^−shift, which costs a weight at most 1/128 of its range. No sum · multiplier exceeds 31 bits, whatever the image.
//
// Post-training: activation scales are the largest values that training images give (Jacob et al., Quantization and training of
// neural networks for efficient integer-arithmetic-only inference, 2018, §3, without its zero points: ReLU leaves nothing below 0).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "reference_models/lenet5/weights.hpp"

namespace lenet5 {

/// Of one layer, in PyTorch's order: weights [out][in]…; of fc3 no multiplier and no shift.
struct IntegerLayer {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> bias, multiplier, shift;
};

struct IntegerModel {
  Sizes sizes;
  IntegerLayer conv1, conv2, fc1, fc2, fc3;
  float logit_scale = 1;
  std::map<std::string, std::string> metadata;
  std::string sha256;  // of the file's bytes; empty if it comes from none
};

/// Of weights of any sizes. `images[n][784]`, each 0 to 1, n ≥ 1: what activations' ranges are taken from.
IntegerModel quantize(const Weights& weights, std::span<const float> images);

/// As load_weights: safetensors with conv1.weight (I8), conv1.bias, conv1.multiplier, conv1.shift (I32), …, and logit_scale (F32).
/// Of any sizes, as weights are. A model whose sums could exceed 31 bits, or whose multipliers or shifts are out of range, is refused.
assay::Result<IntegerModel> load_integer_model(const std::filesystem::path& file);
assay::Result<IntegerModel> parse_integer_model(const std::string& bytes, const std::string& name);
std::string to_safetensors(const IntegerModel& model);

}  // namespace lenet5
