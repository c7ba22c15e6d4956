// What is handed in, as one thing: the runs that a report rests on, the report, and bundle.json, which names every file with its
// hash. A folder, or an archive of one; on its way in it is somebody else's, and trusted in nothing.
//
//     const auto bundle = open_bundle("submission.tar.gz");
//     if (!bundle) return bundle.error();                          // which entry is wrong, and how
//     for (const check::Finding& f : verify_bundle(bundle->folder)) show(f);
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"
#include "reports/archive.hpp"
#include "reports/check/finding.hpp"
#include "reports/temporary_folder.hpp"

namespace assay::reports {

inline constexpr int kBundleSchema = 1;
inline constexpr std::string_view kBundleFile = "bundle.json";
inline constexpr std::string_view kBundleFolder = "submission";  // the one folder of an archive

struct BundleFile {
  std::string path;  // relative to the folder of bundle.json, with '/'
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// bundle.json.
struct BundleList {
  std::string assay;    // version and commit that made it
  std::string created;  // UTC
  std::string title, team, course;
  std::string report;             // path of the document; empty: none
  std::vector<std::string> runs;  // paths of run folders
  std::vector<BundleFile> files;  // sorted by path; without bundle.json itself
};

OrderedJson to_json(const BundleList& list);
/// An Error says which field can't be used: paths that lead elsewhere, hashes that are none, files twice or out of order.
Result<BundleList> parse_bundle_list(std::string_view text);

/// A bundle on the disk. What an archive was unpacked into is gone with the last copy.
struct Bundle {
  std::filesystem::path folder;  // of bundle.json
  BundleList list;
  std::shared_ptr<const TemporaryFolder> unpacked;  // null: `folder` is where it was
};

/// `path`: a folder with bundle.json, or an archive of one.
Result<Bundle> open_bundle(const std::filesystem::path& path, const ArchiveLimits& limits = {});

/// Every file of `folder` against its bundle.json: bundle.missing, bundle.changed, bundle.extra, and bundle.entry for what is neither
/// file nor folder, which is never opened. Empty: all is as it was when it was made.
std::vector<check::Finding> verify_bundle(const std::filesystem::path& folder);

}  // namespace assay::reports
