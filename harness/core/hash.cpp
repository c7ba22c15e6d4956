#include "harness/core/hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>

namespace assay {

namespace {

using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Digest begin() {
  Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  return digest;
}

std::string finish(EVP_MD_CTX* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  EVP_DigestFinal_ex(digest, bytes.data(), &length);
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * length);
  for (unsigned i = 0; i < length; ++i) {
    hex += kHex[bytes[i] >> 4];
    hex += kHex[bytes[i] & 15];
  }
  return hex;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  const Digest digest = begin();
  EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
  return finish(digest.get());
}

Result<std::string> sha256_of_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return Error{fmt::format("{}: cannot be read: {}", path, std::strerror(errno))};
  const Digest digest = begin();
  std::array<char, 1 << 16> piece;
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), file.get())) {
    EVP_DigestUpdate(digest.get(), piece.data(), n);
  }
  if (std::ferror(file.get())) return Error{fmt::format("{}: reading it failed", path)};
  return finish(digest.get());
}

}  // namespace assay
