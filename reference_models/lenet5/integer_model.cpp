#include "reference_models/lenet5/integer_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/core/hash.hpp"
#include "reference_models/lenet5/textbook.hpp"

namespace lenet5 {

using assay::Error;
using assay::Result;

namespace {

constexpr int kLeastMultiplier = 128, kMostMultiplier = 255;
constexpr int kMostShift = 30;
constexpr int kMostWeight = 127, kMostActivation = 255;

struct Named {
  const char* name;
  Shape shape;  // of the weights
  IntegerLayer IntegerModel::*layer;
  bool is_last = false;
};

std::vector<Named> layers(const Sizes& s) {
  return {{"conv1", {s.maps1, 1, kKernel, kKernel}, &IntegerModel::conv1},
          {"conv2", {s.maps2, s.maps1, kKernel, kKernel}, &IntegerModel::conv2},
          {"fc1", {s.hidden1, s.flat()}, &IntegerModel::fc1},
          {"fc2", {s.hidden2, s.hidden1}, &IntegerModel::fc2},
          {"fc3", {kClasses, s.hidden2}, &IntegerModel::fc3, true}};
}

/// The largest |sum| that any image can give one output.
std::int64_t worst_sum(const IntegerLayer& layer, std::size_t output) {
  const std::size_t inputs = layer.weights.size() / layer.bias.size();
  std::int64_t worst = std::abs(static_cast<std::int64_t>(layer.bias[output]));
  for (std::size_t i = 0; i < inputs; ++i) worst += std::int64_t{kMostActivation} * std::abs(static_cast<int>(layer.weights[output * inputs + i]));
  return worst;
}

/// Whether the largest sum · multiplier, and half a step more, fit 31 bits.
bool fits(const IntegerLayer& layer, std::size_t output) {
  const std::int64_t most = worst_sum(layer, output) * layer.multiplier[output] + (std::int64_t{1} << (layer.shift[output] - 1));
  return most <= std::numeric_limits<std::int32_t>::max();
}

/// One output's weights and bias at a scale: a weight is `scale`, a sum `in_scale · scale`.
void round_output(IntegerLayer& layer, const std::vector<float>& weights, float bias, std::size_t output, double scale, double in_scale) {
  const std::size_t inputs = weights.size() / layer.bias.size();
  for (std::size_t i = 0; i < inputs; ++i) {
    const double rounded = std::nearbyint(weights[output * inputs + i] / scale);
    layer.weights[output * inputs + i] = static_cast<std::int8_t>(std::clamp(rounded, -1.0 * kMostWeight, 1.0 * kMostWeight));
  }
  const double most = 1 << 24;
  layer.bias[output] = static_cast<std::int32_t>(std::clamp(std::nearbyint(bias / (scale * in_scale)), -most, most));
}

/// The least multiplier · 2^−shift that isn't below `wanted`, or the next one in which the output's sums fit 31 bits.
void choose_scale(IntegerLayer& layer, const std::vector<float>& weights, float bias, std::size_t output, double wanted, double in_scale, double out_scale) {
  int exponent = 0;
  const double fraction = std::frexp(wanted, &exponent);  // [0.5, 1)
  int multiplier = static_cast<int>(std::ceil(fraction * (kMostMultiplier + 1))), shift = 8 - exponent;
  if (multiplier > kMostMultiplier) {
    multiplier = kLeastMultiplier;
    --shift;
  }
  for (;; ++multiplier) {
    if (multiplier > kMostMultiplier) {
      multiplier = kLeastMultiplier;
      --shift;
    }
    layer.multiplier[output] = multiplier;
    layer.shift[output] = std::clamp(shift, 1, kMostShift);
    const double scale = std::ldexp(multiplier, -layer.shift[output]) * out_scale / in_scale;
    round_output(layer, weights, bias, output, scale, in_scale);
    if (fits(layer, output) || shift <= 1) return;
  }
}

double largest_of(const std::vector<float>& weights, std::size_t output, std::size_t outputs) {
  const std::size_t inputs = weights.size() / outputs;
  double largest = 0;
  for (std::size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::fabs(static_cast<double>(weights[output * inputs + i])));
  return largest;
}

IntegerLayer quantize_layer(const std::vector<float>& weights, const std::vector<float>& bias, double in_scale, double out_scale) {
  IntegerLayer layer;
  layer.weights.resize(weights.size());
  layer.bias.resize(bias.size());
  layer.multiplier.resize(bias.size());
  layer.shift.resize(bias.size());
  for (std::size_t o = 0; o < bias.size(); ++o) {
    // An output whose weights are all 0 keeps its bias: its scale is then a step of the result.
    const double scale = std::max(largest_of(weights, o, bias.size()) / kMostWeight, std::ldexp(out_scale / in_scale, -16));
    choose_scale(layer, weights, bias[o], o, scale * in_scale / out_scale, in_scale, out_scale);
  }
  return layer;
}

/// The largest activation of each layer but the last, over all images.
struct Ranges {
  float conv1 = 0, conv2 = 0, fc1 = 0, fc2 = 0;
};
Ranges ranges_of(const Weights& w, std::span<const float> images) {
  Ranges ranges;
  const Sizes& s = w.sizes;
  const int maps2_values = s.maps2 * 4 * kSide2 * kSide2;
  std::vector<float> wide(static_cast<std::size_t>(std::max({s.maps1 * kPixels, maps2_values, s.hidden1})));
  std::vector<float> narrow(static_cast<std::size_t>(std::max({s.maps1 * kSide1 * kSide1, s.flat(), s.hidden2})));
  const auto widen = [](float& range, const std::vector<float>& values, int count) { range = std::max(range, *std::max_element(values.begin(), values.begin() + count)); };
  for (std::size_t i = 0; i + kPixels <= images.size(); i += kPixels) {
    textbook::convolve(&images[i], 1, kSide, kPadding, w.conv1.data(), w.conv1_bias.data(), s.maps1, wide.data());
    widen(ranges.conv1, wide, s.maps1 * kPixels);
    textbook::largest_of_four(wide.data(), s.maps1, kSide, narrow.data());
    textbook::convolve(narrow.data(), s.maps1, kSide1, 0, w.conv2.data(), w.conv2_bias.data(), s.maps2, wide.data());
    widen(ranges.conv2, wide, maps2_values);
    textbook::largest_of_four(wide.data(), s.maps2, 2 * kSide2, narrow.data());
    textbook::connect(narrow.data(), s.flat(), w.fc1.data(), w.fc1_bias.data(), s.hidden1, true, wide.data());
    widen(ranges.fc1, wide, s.hidden1);
    textbook::connect(wide.data(), s.hidden1, w.fc2.data(), w.fc2_bias.data(), s.hidden2, true, narrow.data());
    widen(ranges.fc2, narrow, s.hidden2);
  }
  return ranges;
}

}  // namespace

IntegerModel quantize(const Weights& w, std::span<const float> images) {
  const Ranges ranges = ranges_of(w, images);
  const auto step = [](float range) { return range > 0 ? static_cast<double>(range) / kMostActivation : 1.0 / kMostActivation; };
  const double pixels = 1.0 / kMostActivation, conv1 = step(ranges.conv1), conv2 = step(ranges.conv2), fc1 = step(ranges.fc1), fc2 = step(ranges.fc2);
  IntegerModel model;
  model.sizes = w.sizes;
  model.conv1 = quantize_layer(w.conv1, w.conv1_bias, pixels, conv1);
  model.conv2 = quantize_layer(w.conv2, w.conv2_bias, conv1, conv2);
  model.fc1 = quantize_layer(w.fc1, w.fc1_bias, conv2, fc1);
  model.fc2 = quantize_layer(w.fc2, w.fc2_bias, fc1, fc2);
  model.fc3.weights.resize(w.fc3.size());
  model.fc3.bias.resize(w.fc3_bias.size());
  double largest = 0;
  for (std::size_t o = 0; o < w.fc3_bias.size(); ++o) largest = std::max(largest, largest_of(w.fc3, o, w.fc3_bias.size()));
  const double scale = largest > 0 ? largest / kMostWeight : 1;
  for (std::size_t o = 0; o < w.fc3_bias.size(); ++o) round_output(model.fc3, w.fc3, w.fc3_bias[o], o, scale, fc2);
  model.logit_scale = static_cast<float>(scale * fc2);
  return model;
}

Result<IntegerModel> parse_integer_model(const std::string& bytes, const std::string& name) {
  const auto file = Safetensors::parse(bytes, name);
  if (!file) return file.error();
  const auto sizes = sizes_in(*file, name);
  if (!sizes) return sizes.error();
  IntegerModel model;
  model.sizes = *sizes;
  for (const Named& named : layers(*sizes)) {
    IntegerLayer& layer = model.*named.layer;
    const std::string layer_name = named.name;
    const Shape outputs{named.shape[0]};
    auto weights = file->values<std::int8_t>(layer_name + ".weight", "I8", named.shape);
    if (!weights) return weights.error();
    layer.weights = std::move(*weights);
    for (const auto& [part, values] : {std::pair{".bias", &layer.bias}, {".multiplier", &layer.multiplier}, {".shift", &layer.shift}}) {
      if (named.is_last && values != &layer.bias) continue;
      auto read = file->values<std::int32_t>(layer_name + part, "I32", outputs);
      if (!read) return read.error();
      *values = std::move(*read);
    }
    for (std::size_t o = 0; o < layer.bias.size(); ++o) {
      const auto refused = [&](const char* why) { return Error{fmt::format("{}: {}: output {}: {}", name, named.name, o, why)}; };
      if (named.is_last) {
        if (worst_sum(layer, o) > std::numeric_limits<std::int32_t>::max()) return refused("its sums may exceed 31 bits");
        continue;
      }
      if (layer.multiplier[o] < kLeastMultiplier || layer.multiplier[o] > kMostMultiplier) return refused("its multiplier is not in 128 to 255");
      if (layer.shift[o] < 1 || layer.shift[o] > kMostShift) return refused("its shift is not in 1 to 30");
      if (!fits(layer, o)) return refused("its sums times its multiplier may exceed 31 bits");
    }
  }
  const auto scale = file->values<float>("logit_scale", "F32", {1});
  if (!scale) return scale.error();
  model.logit_scale = scale->front();
  if (!std::isfinite(model.logit_scale) || model.logit_scale <= 0) return Error{fmt::format("{}: logit_scale is no number above 0", name)};
  model.metadata = file->metadata();
  model.sha256 = assay::sha256_hex(bytes);
  return model;
}

Result<IntegerModel> load_integer_model(const std::filesystem::path& file) {
  const auto bytes = read_weights_file(file);
  if (!bytes) return bytes.error();
  return parse_integer_model(*bytes, file.string());
}

std::string to_safetensors(const IntegerModel& model) {
  SafetensorsWriter writer(model.metadata);
  for (const Named& named : layers(model.sizes)) {
    const IntegerLayer& layer = model.*named.layer;
    const std::string name = named.name;
    writer.add(name + ".weight", "I8", named.shape, layer.weights);
    writer.add(name + ".bias", "I32", {named.shape[0]}, layer.bias);
    if (named.is_last) continue;
    writer.add(name + ".multiplier", "I32", {named.shape[0]}, layer.multiplier);
    writer.add(name + ".shift", "I32", {named.shape[0]}, layer.shift);
  }
  writer.add("logit_scale", "F32", {1}, std::vector<float>{model.logit_scale});
  return writer.bytes();
}

}  // namespace lenet5
