#include "reference_models/lenet5/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <limits>

namespace lenet5 {

using assay::Error;
using assay::Json;
using assay::Result;

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000;
constexpr std::size_t kLargestFile = 16 * 1024 * 1024;

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian values");

}  // namespace

std::size_t count_of(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

std::string text_of(const Shape& shape) { return Json(shape).dump(); }

Result<Safetensors> Safetensors::parse(const std::string& bytes, const std::string& name) {
  if (bytes.size() < kLengthBytes) return Error{fmt::format("{}: {} bytes are no safetensors file", name, bytes.size())};
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kLongestHeader || length > bytes.size() - kLengthBytes) {
    return Error{fmt::format("{}: says that its header has {} bytes; it is cut short or no safetensors file", name, length)};
  }
  auto header = assay::parse_json(std::string_view(bytes).substr(kLengthBytes, length));
  if (!header) return Error{fmt::format("{}: its header is no JSON: {}", name, header.error().message)};
  if (!header->is_object()) return Error{fmt::format("{}: its header is no JSON object", name)};
  Safetensors all;
  all.name_ = name;
  all.bytes_ = bytes;
  all.header_ = std::move(*header);
  all.values_ = kLengthBytes + length;
  return all;
}

Result<Json> Safetensors::entry_of(const std::string& tensor) const {
  const auto entry = header_.find(tensor);
  if (entry == header_.end() || !entry->is_object()) return Error{fmt::format("{}: has no tensor {}; these are no weights of LeNet-5", name_, tensor)};
  return *entry;
}

Result<Shape> Safetensors::shape_of(const std::string& tensor) const {
  const auto entry = entry_of(tensor);
  if (!entry) return entry.error();
  const Json said = entry->value("shape", Json());
  const auto is_size = [](const Json& size) { return size.is_number_unsigned() && size.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max(); };
  if (!said.is_array() || !std::all_of(said.begin(), said.end(), is_size)) return Error{fmt::format("{}: {}: {} is no shape", name_, tensor, said.dump())};
  return said.get<Shape>();
}

Result<std::string> Safetensors::bytes_of(const std::string& tensor, const char* type, const Shape& shape, std::size_t size) const {
  const auto entry = entry_of(tensor);
  if (!entry) return entry.error();
  const auto said = [&](const char* what, const std::string& found, const std::string& wanted) {
    return Error{fmt::format("{}: {}: {} {}, where LeNet-5 has {}", name_, tensor, what, found, wanted)};
  };
  const Json its_type = entry->value("dtype", Json()), its_shape = entry->value("shape", Json()), place = entry->value("data_offsets", Json());
  if (its_type != type) return said("type", its_type.dump(), type);
  if (its_shape != Json(shape)) return said("shape", its_shape.dump(), text_of(shape));
  const bool is_place = place.is_array() && place.size() == 2 && place[0].is_number_unsigned() && place[1].is_number_unsigned();
  if (!is_place) return Error{fmt::format("{}: {}: has no data_offsets", name_, tensor)};
  const std::size_t wanted = size * count_of(shape), there = bytes_.size() - values_;
  const auto first = place[0].get<std::uint64_t>(), end = place[1].get<std::uint64_t>();
  if (first > end || end - first != wanted) return said("a place of", fmt::format("{} to {}", first, end), fmt::format("{} bytes", wanted));
  if (end > there) return Error{fmt::format("{}: is cut short: {} ends at byte {} of the values, and there are {}", name_, tensor, end, there)};
  return bytes_.substr(values_ + first, wanted);
}

std::map<std::string, std::string> Safetensors::metadata() const {
  std::map<std::string, std::string> all;
  if (const auto metadata = header_.find("__metadata__"); metadata != header_.end() && metadata->is_object()) {
    for (const auto& [key, value] : metadata->items()) {
      if (value.is_string()) all[key] = value.get<std::string>();
    }
  }
  return all;
}

SafetensorsWriter::SafetensorsWriter(const std::map<std::string, std::string>& metadata) {
  if (!metadata.empty()) header_["__metadata__"] = metadata;
}

void SafetensorsWriter::add_bytes(const std::string& tensor, const char* type, const Shape& shape, std::string_view bytes) {
  const std::size_t first = values_.size();
  values_ += bytes;
  header_[tensor] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {first, values_.size()}}};
}

std::string SafetensorsWriter::bytes() const {
  std::string text = header_.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the values are aligned
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  return bytes + text + values_;
}

Result<std::string> read_weights_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{fmt::format("{}: cannot be read; it comes with Assay: install it again, or see reference_models/lenet5/weights/PROVENANCE.md", file.string())};
  std::string bytes(kLargestFile + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (bytes.size() > kLargestFile) return Error{fmt::format("{}: is larger than 16 MiB; these are no weights of LeNet-5", file.string())};
  return bytes;
}

}  // namespace lenet5
