#include "reference_models/lenet5/weights.hpp"

#include <fmt/format.h>

#include <cmath>

#include "harness/core/hash.hpp"
#include "harness/core/random.hpp"

namespace lenet5 {

using assay::Error;
using assay::Result;

const std::vector<Parameter>& parameters() {
  static const std::vector<Parameter> all = {
      {"conv1.weight", {kMaps1, 1, kKernel, kKernel}, &Weights::conv1},  {"conv1.bias", {kMaps1}, &Weights::conv1_bias},
      {"conv2.weight", {kMaps2, kMaps1, kKernel, kKernel}, &Weights::conv2}, {"conv2.bias", {kMaps2}, &Weights::conv2_bias},
      {"fc1.weight", {kHidden1, kFlat}, &Weights::fc1},                  {"fc1.bias", {kHidden1}, &Weights::fc1_bias},
      {"fc2.weight", {kHidden2, kHidden1}, &Weights::fc2},               {"fc2.bias", {kHidden2}, &Weights::fc2_bias},
      {"fc3.weight", {kClasses, kHidden2}, &Weights::fc3},               {"fc3.bias", {kClasses}, &Weights::fc3_bias},
  };
  return all;
}

Result<Weights> parse_weights(const std::string& bytes, const std::string& name) {
  const auto file = Safetensors::parse(bytes, name);
  if (!file) return file.error();
  Weights weights;
  for (const Parameter& parameter : parameters()) {
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
  for (const Parameter& parameter : parameters()) writer.add(parameter.name, "F32", parameter.shape, weights.*parameter.values);
  return writer.bytes();
}

Weights random_weights(std::uint64_t seed) {
  Weights weights;
  assay::Random random(seed);
  for (const Parameter& parameter : parameters()) {
    const bool is_bias = parameter.shape.size() == 1;
    const auto inputs = is_bias ? 25.0 : static_cast<double>(count_of(parameter.shape)) / static_cast<double>(parameter.shape[0]);
    for (float& value : weights.*parameter.values) value = static_cast<float>((2 * random.uniform() - 1) / std::sqrt(inputs));
  }
  return weights;
}

}  // namespace lenet5
