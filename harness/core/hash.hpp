// SHA-256, for treatment ids, the journal's chain and the hashes of files (OpenSSL's EVP).
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same of a file's content, read in pieces; an Error names the file if it can't be read.
Result<std::string> sha256_of_file(const std::string& path);

}  // namespace assay
