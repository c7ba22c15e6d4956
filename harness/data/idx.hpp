// MNIST's file format, read as if a stranger had written the file: whatever its header claims, nothing is read or
// allocated beyond what is really there.
//
//     const auto images = data::parse_idx(bytes, 3, "t10k-images-idx3-ubyte");
//     if (!images) return images.error();                     // "t10k-images-idx3-ubyte: is cut short: …"
//     use(images->sizes[0], images->values);                  // sizes[0] images of sizes[1] × sizes[2] bytes
//
// Format: magic 0, 0, type, number of dimensions; then each size as a big-endian 32-bit integer; then the values, the
// last index fastest (http://yann.lecun.com/exdb/mnist). Here the type is always 8: unsigned bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::data {

/// `values` is a part of what was parsed.
struct Idx {
  std::vector<std::uint32_t> sizes;
  std::string_view values;
};

/// `name` stands at the head of the message: of bytes that aren't IDX of unsigned bytes with so many dimensions, whose sizes'
/// product isn't the number of bytes that follow, or of which a size is 0.
Result<Idx> parse_idx(std::string_view bytes, int dimensions, const std::string& name);

}  // namespace assay::data
