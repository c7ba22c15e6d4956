#include "reference_models/lenet5/weights.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "harness/core/hash.hpp"
#include "harness/core/random.hpp"

namespace lenet5 {

using assay::Error;
using assay::Result;

namespace {

constexpr std::int64_t kMostOutputs = 1'024;  // of a layer: the largest network's shapes stay far from overflowing

}  // namespace

Weights::Weights(const Sizes& s) : sizes(s) {
  for (const Parameter& parameter : parameters(sizes)) (this->*parameter.values).resize(count_of(parameter.shape));
}

std::vector<Parameter> parameters(const Sizes& s) {
  return {
      {"conv1.weight", {s.maps1, 1, kKernel, kKernel}, &Weights::conv1},       {"conv1.bias", {s.maps1}, &Weights::conv1_bias},
      {"conv2.weight", {s.maps2, s.maps1, kKernel, kKernel}, &Weights::conv2}, {"conv2.bias", {s.maps2}, &Weights::conv2_bias},
      {"fc1.weight", {s.hidden1, s.flat()}, &Weights::fc1},                    {"fc1.bias", {s.hidden1}, &Weights::fc1_bias},
      {"fc2.weight", {s.hidden2, s.hidden1}, &Weights::fc2},                   {"fc2.bias", {s.hidden2}, &Weights::fc2_bias},
      {"fc3.weight", {kClasses, s.hidden2}, &Weights::fc3},                    {"fc3.bias", {kClasses}, &Weights::fc3_bias},
  };
}

Result<Sizes> sizes_in(const Safetensors& file, const std::string& name) {
  Sizes sizes;
  for (const auto& [bias, size] : {std::pair{"conv1.bias", &Sizes::maps1}, {"conv2.bias", &Sizes::maps2}, {"fc1.bias", &Sizes::hidden1}, {"fc2.bias", &Sizes::hidden2}}) {
    const auto shape = file.shape_of(bias);
    if (!shape) return shape.error();
    if (shape->size() != 1 || shape->front() < 1 || shape->front() > kMostOutputs) {
      return Error{fmt::format("{}: {}: shape {}, where LeNet-5 has one size, 1 to {}", name, bias, text_of(*shape), kMostOutputs)};
    }
    sizes.*size = static_cast<int>(shape->front());
  }
  for (const Parameter& parameter : parameters(sizes)) {
    const auto shape = file.shape_of(parameter.name);
    if (!shape) return shape.error();
    if (*shape == parameter.shape) continue;
    return Error{fmt::format("{}: {}: shape {}, where LeNet-5 has {}, its biases being of {}, {}, {} and {} values", name, parameter.name, text_of(*shape),
                             text_of(parameter.shape), sizes.maps1, sizes.maps2, sizes.hidden1, sizes.hidden2)};
  }
  return sizes;
}

Result<Weights> parse_weights(const std::string& bytes, const std::string& name) {
  const auto file = Safetensors::parse(bytes, name);
  if (!file) return file.error();
  const auto sizes = sizes_in(*file, name);
  if (!sizes) return sizes.error();
  Weights weights(*sizes);
  for (const Parameter& parameter : parameters(*sizes)) {
    auto values = file->values<float>(parameter.name, "F32", parameter.shape);
    if (!values) return values.error();
    for (std::size_t i = 0; i < values->size(); ++i) {
      if (!std::isfinite((*values)[i])) return Error{fmt::format("{}: {}: value {} is not a finite number", name, parameter.name, i)};
    }
    weights.*parameter.values = std::move(*values);
  }
  weights.metadata = file->metadata();
  weights.sha256 = assay::sha256_hex(bytes);
  return weights;
}

Result<Weights> load_weights(const std::filesystem::path& file) {
  const auto bytes = read_weights_file(file);
  if (!bytes) return bytes.error();
  return parse_weights(*bytes, file.string());
}

std::string to_safetensors(const Weights& weights) {
  SafetensorsWriter writer(weights.metadata);
  for (const Parameter& parameter : parameters(weights.sizes)) writer.add(parameter.name, "F32", parameter.shape, weights.*parameter.values);
  return writer.bytes();
}

Weights random_weights(std::uint64_t seed, const Sizes& sizes) {
  Weights weights(sizes);
  assay::Random random(seed);
  for (const Parameter& parameter : parameters(sizes)) {
    const bool is_bias = parameter.shape.size() == 1;
    const auto inputs = is_bias ? 25.0 : static_cast<double>(count_of(parameter.shape)) / static_cast<double>(parameter.shape[0]);
    for (float& value : weights.*parameter.values) value = static_cast<float>((2 * random.uniform() - 1) / std::sqrt(inputs));
  }
  return weights;
}

}  // namespace lenet5
