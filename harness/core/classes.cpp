#include "harness/core/classes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/hash.hpp"

namespace assay {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string bytes_of(std::span<const std::int32_t> classes) {
  std::string bytes;
  bytes.reserve(classes.size() * 4);
  for (const std::int32_t value : classes) {
    const auto bits = static_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xff);
  }
  return bytes;
}

}  // namespace

std::string encode_classes(std::span<const std::int32_t> classes) {
  const std::string bytes = bytes_of(classes);
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < here ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) text += k <= here ? kAlphabet[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

Result<std::vector<std::int32_t>> decode_classes(std::string_view base64) {
  if (base64.size() % 4 != 0) return Error{fmt::format("{} characters are no Base64: it has four a group", base64.size())};
  std::size_t characters = base64.size();
  while (characters > 0 && base64.size() - characters < 2 && base64[characters - 1] == '=') --characters;
  std::vector<std::int32_t> classes;
  classes.reserve(characters / 4 * 3 / 4);
  std::uint32_t bits = 0, value = 0;
  int held = 0, bytes = 0;
  for (std::size_t i = 0; i < characters; ++i) {
    const std::size_t digit = kAlphabet.find(base64[i]);
    if (digit == std::string_view::npos) return Error{fmt::format("character {} is none of Base64's", i + 1)};
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    value |= ((bits >> held) & 0xff) << (8 * bytes);
    if (++bytes < 4) continue;
    classes.push_back(static_cast<std::int32_t>(value));
    value = 0;
    bytes = 0;
  }
  if (bytes != 0 || held == 6) return Error{"it holds no whole number of classes, four bytes each"};
  return classes;
}

std::string sha256_of_classes(std::span<const std::int32_t> classes) { return sha256_hex(bytes_of(classes)); }

}  // namespace assay
