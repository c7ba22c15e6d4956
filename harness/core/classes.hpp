// A classifier's answers, and the right ones, as they travel and are stored: int32 a class, little-endian, in Base64.
//
//     const std::string text = encode_classes(predicted);              // "AQAAAAEAAAA="
//     Result<std::vector<std::int32_t>> back = decode_classes(text);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay {

/// RFC 4648, with padding.
std::string encode_classes(std::span<const std::int32_t> classes);

/// An Error says what is wrong: a character or a length that Base64 doesn't have, or no whole number of classes.
Result<std::vector<std::int32_t>> decode_classes(std::string_view base64);

/// SHA-256 of the bytes, whatever this machine's own order is.
std::string sha256_of_classes(std::span<const std::int32_t> classes);

}  // namespace assay
