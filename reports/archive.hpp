// Archives, written so that the same files give the same bytes, and read as what they are: input of somebody else's. The one place
// that knows libarchive; assay can be built without it, and then says so.
//
//     const auto written = write_archive("submission.tar.gz", {{"submission/report.md", "report.md"}}, 0);
//     const auto taken = unpack("submission.tar.gz", empty_folder, {});     // or: what is wrong with which entry
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

struct ArchivedFile {
  std::string path;            // in the archive
  std::filesystem::path file;  // on the disk
};

/// Whether this assay was built with libarchive.
bool can_archive();

/// A gzipped tar of regular files in the order of their paths: mode 644, or 755 where the owner may execute; no owner; every time is
/// `time_s` (since 1970). An Error leaves no file.
Result<Done> write_archive(const std::filesystem::path& archive, std::vector<ArchivedFile> files, std::int64_t time_s);

struct ArchiveLimits {
  std::uint64_t total_bytes = 2ULL << 30;
  std::uint64_t file_bytes = 1ULL << 30;
  std::size_t entries = 100'000;
  double ratio = 200;                          // of unpacked to packed bytes …
  std::uint64_t ratio_from_bytes = 64U << 20;  // … looked at from here on
  std::size_t path_bytes = 1024;
  int depth = 32;  // folders in a path
};

/// Takes apart a tar (plain or gzipped) or zip into `folder`, which is empty and nobody else's. Only folders and regular files: the Error of
/// anything else names the entry, escaped, and what it is. Nothing is written outside `folder`, no link is made and nothing executed; what was
/// unpacked before an Error stays.
Result<Done> unpack(const std::filesystem::path& archive, const std::filesystem::path& folder, const ArchiveLimits& limits);

/// Why `path` can't be a file's place in a bundle ("leads out of the folder by .."); nothing if it can. Folders are separated by '/'.
std::optional<std::string> path_problem(std::string_view path, const ArchiveLimits& limits);

}  // namespace assay::reports
