// The kernel's small text files under /proc and /sys. Every reader takes the root of the tree, so that a test can
// hand it another machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::hardware {

/// The file's content without white space at its ends; nullopt if it can't be read or is empty.
std::optional<std::string> text_of(const std::filesystem::path& file);

/// The decimal integer that the file holds; nullopt if it holds something else, e.g. "max".
std::optional<std::int64_t> integer_of(const std::filesystem::path& file);

/// "0-3,8" → {0, 1, 2, 3, 8}, ascending; what makes no sense is left out.
std::vector<int> parse_cpu_list(std::string_view text);

/// "48K", "2M" or "512" in bytes, as sysfs writes cache sizes; nullopt if it is something else.
std::optional<std::int64_t> parse_size(std::string_view text);

/// The value after the first "key<blanks>:" of a file like /proc/cpuinfo or /proc/meminfo.
std::optional<std::string> field_of(std::string_view text, std::string_view key);

}  // namespace assay::hardware
