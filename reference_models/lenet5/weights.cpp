#include "reference_models/lenet5/weights.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "harness/core/hash.hpp"
#include "harness/core/json.hpp"
#include "harness/core/random.hpp"

namespace lenet5 {

using assay::Error;
using assay::Json;
using assay::Result;

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000;
constexpr std::size_t kLargestFile = 16 * 1024 * 1024;

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian values");

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::size_t count_of(const Parameter& parameter) {
  std::size_t count = 1;
  for (const std::int64_t size : parameter.shape) count *= static_cast<std::size_t>(size);
  return count;
}

/// The header and where the values begin.
struct Opened {
  Json header;
  std::size_t values;
};

Result<Opened> open(const std::string& bytes, const std::string& name) {
  if (bytes.size() < kLengthBytes) return Error{fmt::format("{}: {} bytes are no safetensors file", name, bytes.size())};
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kLongestHeader || length > bytes.size() - kLengthBytes) {
    return Error{fmt::format("{}: says that its header has {} bytes; it is cut short or no safetensors file", name, length)};
  }
  auto header = assay::parse_json(std::string_view(bytes).substr(kLengthBytes, length));
  if (!header) return Error{fmt::format("{}: its header is no JSON: {}", name, header.error().message)};
  if (!header->is_object()) return Error{fmt::format("{}: its header is no JSON object", name)};
  return Opened{std::move(*header), kLengthBytes + length};
}

/// The values of one tensor, or why the file doesn't have it.
Result<std::vector<float>> tensor(const Opened& opened, const std::string& bytes, const Parameter& parameter, const std::string& name) {
  const auto entry = opened.header.find(parameter.name);
  if (entry == opened.header.end()) return Error{fmt::format("{}: has no tensor {}; these are no weights of LeNet-5", name, parameter.name)};
  const auto said = [&](const char* what, const std::string& found, const std::string& wanted) {
    return Error{fmt::format("{}: {}: {} {}, where LeNet-5 has {}", name, parameter.name, what, found, wanted)};
  };
  const Json type = entry->value("dtype", Json()), shape = entry->value("shape", Json()), place = entry->value("data_offsets", Json());
  if (type != "F32") return said("type", type.dump(), "F32");
  if (shape != Json(parameter.shape)) return said("shape", shape.dump(), shape_text(parameter.shape));
  const std::size_t size = 4 * count_of(parameter), there = bytes.size() - opened.values;
  const bool is_place = place.is_array() && place.size() == 2 && place[0].is_number_unsigned() && place[1].is_number_unsigned();
  if (!is_place) return Error{fmt::format("{}: {}: has no data_offsets", name, parameter.name)};
  const auto first = place[0].get<std::uint64_t>(), end = place[1].get<std::uint64_t>();
  if (first > end || end - first != size) return said("a place of", fmt::format("{} to {}", first, end), fmt::format("{} bytes", size));
  if (end > there) return Error{fmt::format("{}: is cut short: {} ends at byte {} of the values, and there are {}", name, parameter.name, end, there)};
  std::vector<float> values(count_of(parameter));
  std::memcpy(values.data(), bytes.data() + opened.values + first, size);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return Error{fmt::format("{}: {}: value {} is not a finite number", name, parameter.name, i)};
  }
  return values;
}

}  // namespace

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
  const auto opened = open(bytes, name);
  if (!opened) return opened.error();
  Weights weights;
  for (const Parameter& parameter : parameters()) {
    auto values = tensor(*opened, bytes, parameter, name);
    if (!values) return values.error();
    weights.*parameter.values = std::move(*values);
  }
  if (const auto metadata = opened->header.find("__metadata__"); metadata != opened->header.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) weights.metadata[key] = value.get<std::string>();
    }
  }
  weights.sha256 = assay::sha256_hex(bytes);
  return weights;
}

Result<Weights> load_weights(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{fmt::format("{}: cannot be read; these weights come with Assay: reinstall it, or train them: assay run lenet-mnist/training", file.string())};
  std::string bytes;
  bytes.resize(kLargestFile + 1);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (bytes.size() > kLargestFile) return Error{fmt::format("{}: is larger than 16 MiB; these are no weights of LeNet-5", file.string())};
  return parse_weights(bytes, file.string());
}

std::string to_safetensors(const Weights& weights) {
  assay::OrderedJson header;
  if (!weights.metadata.empty()) header["__metadata__"] = weights.metadata;
  std::string values;
  for (const Parameter& parameter : parameters()) {
    const std::vector<float>& tensor = weights.*parameter.values;
    const std::size_t first = values.size();
    values.append(reinterpret_cast<const char*>(tensor.data()), 4 * tensor.size());
    header[parameter.name] = {{"dtype", "F32"}, {"shape", parameter.shape}, {"data_offsets", {first, values.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the values are aligned
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + text + values;
}

Weights random_weights(std::uint64_t seed) {
  Weights weights;
  assay::Random random(seed);
  for (const Parameter& parameter : parameters()) {
    const bool is_bias = parameter.shape.size() == 1;
    const auto inputs = is_bias ? 25.0 : static_cast<double>(count_of(parameter)) / static_cast<double>(parameter.shape[0]);
    for (float& value : weights.*parameter.values) value = static_cast<float>((2 * random.uniform() - 1) / std::sqrt(inputs));
  }
  return weights;
}

}  // namespace lenet5
