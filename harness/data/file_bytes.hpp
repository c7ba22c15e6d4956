// The bytes of a file, packed or not, up to a limit: what a name promises is no reason to fill the memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/core/result.hpp"

namespace assay::data {

/// The whole of a file; one that ends in .gz is unpacked. An Error if it can't be read, has (unpacked) more than `most`
/// bytes, is cut short or damaged, or is packed where this build has no zlib.
Result<std::string> read_file(const std::filesystem::path& file, std::int64_t most);

/// Writes all of it beside `file` and renames: afterwards there is the whole file, or what was there before.
Result<Done> write_file(const std::filesystem::path& file, const std::string& bytes);

}  // namespace assay::data
