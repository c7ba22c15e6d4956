// The file format of weights: safetensors (https://github.com/huggingface/safetensors): an 8-byte little-endian length, a JSON
// header of names, types, shapes and places, then the values. Read as if a stranger had written it.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace lenet5 {

using Shape = std::vector<std::int64_t>;

/// Number of values of a shape.
std::size_t count_of(const Shape& shape);
/// "[16,6,5,5]"
std::string text_of(const Shape& shape);

class Safetensors {
 public:
  /// `name` stands at the head of every message. Refuses bytes that are no safetensors file or are cut short.
  static assay::Result<Safetensors> parse(const std::string& bytes, const std::string& name);

  /// The values of a tensor, if it is there with this type ("F32", "I8", "I32") and shape.
  template <class T>
  assay::Result<std::vector<T>> values(const std::string& tensor, const char* type, const Shape& shape) const {
    const auto bytes = bytes_of(tensor, type, shape, sizeof(T));
    if (!bytes) return bytes.error();
    std::vector<T> result(count_of(shape));
    std::memcpy(result.data(), bytes->data(), bytes->size());
    return result;
  }
  /// As the header says it; of what type, and whether the values are there, `values` looks.
  assay::Result<Shape> shape_of(const std::string& tensor) const;
  std::map<std::string, std::string> metadata() const;

 private:
  assay::Result<assay::Json> entry_of(const std::string& tensor) const;
  assay::Result<std::string> bytes_of(const std::string& tensor, const char* type, const Shape& shape, std::size_t size) const;

  std::string name_, bytes_;
  assay::Json header_;
  std::size_t values_ = 0;
};

class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(const std::map<std::string, std::string>& metadata);
  template <class T>
  void add(const std::string& tensor, const char* type, const Shape& shape, const std::vector<T>& values) {
    add_bytes(tensor, type, shape, {reinterpret_cast<const char*>(values.data()), sizeof(T) * values.size()});
  }
  /// Equal tensors and metadata give equal bytes.
  std::string bytes() const;

 private:
  void add_bytes(const std::string& tensor, const char* type, const Shape& shape, std::string_view bytes);
  assay::OrderedJson header_;
  std::string values_;
};

/// The whole of a file of weights, at most 16 MiB.
assay::Result<std::string> read_weights_file(const std::filesystem::path& file);

}  // namespace lenet5
