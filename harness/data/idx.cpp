#include "harness/data/idx.hpp"

#include <fmt/format.h>

namespace assay::data {

namespace {

constexpr unsigned kUnsignedBytes = 8;

unsigned byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 24 | byte_at(bytes, at + 1) << 16 | byte_at(bytes, at + 2) << 8 | byte_at(bytes, at + 3);
}

}  // namespace

Result<Idx> parse_idx(std::string_view bytes, int dimensions, const std::string& name) {
  const auto wanted = static_cast<unsigned>(dimensions);
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(wanted);
  if (bytes.size() >= 2 && byte_at(bytes, 0) == 0x1f && byte_at(bytes, 1) == 0x8b) {
    return Error{fmt::format("{}: is still packed by gzip; give it the ending .gz", name)};
  }
  if (bytes.size() < header) return Error{fmt::format("{}: is cut short: {} bytes, where the header alone has {}", name, bytes.size(), header)};
  if (byte_at(bytes, 0) != 0 || byte_at(bytes, 1) != 0 || byte_at(bytes, 2) != kUnsignedBytes || byte_at(bytes, 3) != wanted) {
    return Error{fmt::format("{}: begins with {:02x} {:02x} {:02x} {:02x}, and IDX with {} of unsigned bytes with 00 00 08 {:02x}", name,
                             byte_at(bytes, 0), byte_at(bytes, 1), byte_at(bytes, 2), byte_at(bytes, 3),
                             wanted == 1 ? "one dimension" : fmt::format("{} dimensions", wanted), wanted)};
  }
  Idx idx;
  idx.values = bytes.substr(header);
  // Divided instead of multiplied: four sizes of 2³² each would overflow any product.
  std::uint64_t left = idx.values.size();
  bool fits = true;
  std::string claimed;
  for (unsigned d = 0; d < wanted; ++d) {
    const std::uint32_t size = big_endian(bytes, 4 + 4 * d);
    if (size == 0) return Error{fmt::format("{}: says that dimension {} has size 0", name, d + 1)};
    claimed += (d == 0 ? "" : " × ") + std::to_string(size);
    fits = fits && left % size == 0;
    left /= size;
    idx.sizes.push_back(size);
  }
  if (!fits || left != 1) {
    return Error{fmt::format("{}: {}: its header promises {} bytes, {} follow", name, left == 0 ? "is cut short" : "doesn't fit its header", claimed,
                             idx.values.size())};
  }
  return idx;
}

}  // namespace assay::data
