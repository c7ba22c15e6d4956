#include "reports/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "harness/core/hash.hpp"
#include "harness/core/printable.hpp"
#include "harness/record/run_folder.hpp"

namespace assay::reports {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLongestList = 64U << 20;  // bytes of bundle.json
constexpr std::string_view kBundleSignature = "bundle.json.sig";  // of a bundle that is a folder
constexpr int kDeepest = 40;                       // folders that a walk goes down

bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// A field of bundle.json that is text; empty where it is null or absent.
Result<std::string> text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Error{fmt::format("{}: '{}' is no text", kBundleFile, key)};
  return found->get<std::string>();
}

Result<Done> check_path(const std::string& path) {
  if (const auto problem = path_problem(path, {})) return Error{fmt::format("{}: '{}' {}", kBundleFile, printable(path), *problem)};
  return Done{};
}

Result<BundleFile> file_at(const Json& entry) {
  const bool is_whole = entry.is_object() && entry.contains("path") && entry["path"].is_string() && entry.contains("bytes") &&
                        entry["bytes"].is_number_unsigned() && entry.contains("sha256") && entry["sha256"].is_string();
  if (!is_whole) return Error{fmt::format("{}: an entry of 'files' lacks path, bytes or sha256", kBundleFile)};
  BundleFile file{entry["path"].get<std::string>(), entry["bytes"].get<std::uint64_t>(), entry["sha256"].get<std::string>()};
  if (const auto fine = check_path(file.path); !fine) return fine.error();
  if (!is_hash(file.sha256)) return Error{fmt::format("{}: the sha256 of '{}' is none", kBundleFile, printable(file.path))};
  return file;
}

Result<BundleList> list_in(const fs::path& folder) {
  const fs::path file = folder / kBundleFile;
  std::error_code failed;
  if (fs::symlink_status(file, failed).type() != fs::file_type::regular)
    return Error{fmt::format("{}: has no {}; a bundle is made by assay submit", printable(folder.filename().string()), kBundleFile)};
  const auto text = record::read_file(file, kLongestList);
  if (!text) return Error{fmt::format("{}: can't be read", kBundleFile)};
  return parse_bundle_list(*text);
}

/// Where bundle.json is: at the top, or in the only folder there.
fs::path top_of(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder / kBundleFile, failed)) return folder;
  fs::path only;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    if (!only.empty() || entry.symlink_status(failed).type() != fs::file_type::directory) return folder;
    only = entry.path();
  }
  return only.empty() ? folder : only;
}

using check::Finding;
using check::Severity;

/// All regular files below a folder, by path; what is neither file nor folder is a finding and isn't looked into.
class Walk {
public:
  explicit Walk(const fs::path& folder) : folder_(folder) { enter("", 0); }

  const std::map<std::string, fs::path>& files() const { return files_; }
  std::vector<Finding>& findings() { return findings_; }

private:
  void note(const std::string& path, const std::string& what) {
    findings_.push_back({Severity::error, "bundle.entry", printable(path), 0, what, "make the bundle again by assay submit"});
  }

  void enter(const std::string& below, int depth) {
    if (depth > kDeepest) return note(below, "lies too many folders deep");
    std::error_code failed;
    for (fs::directory_iterator entry(folder_ / below, failed), end; !failed && entry != end; entry.increment(failed)) {
      const std::string name = entry->path().filename().string();
      const std::string path = below.empty() ? name : below + "/" + name;
      const auto type = entry->symlink_status(failed).type();
      if (type == fs::file_type::directory) {
        enter(path, depth + 1);
      } else if (type == fs::file_type::regular) {
        if (path != kBundleFile && path != kBundleSignature) files_.emplace(path, entry->path());
      } else {
        note(path, type == fs::file_type::symlink ? "is a symbolic link" : "is a device, a pipe or a socket");
      }
    }
    if (failed) note(below, "can't be looked into");
  }

  const fs::path& folder_;
  std::map<std::string, fs::path> files_;
  std::vector<Finding> findings_;
};

}  // namespace

OrderedJson to_json(const BundleList& list) {
  const auto text = [](const std::string& value) { return value.empty() ? OrderedJson() : OrderedJson(value); };
  OrderedJson d;
  d["schema"] = kBundleSchema;
  d["assay"] = list.assay;
  d["created"] = list.created;
  d["title"] = text(list.title);
  d["team"] = text(list.team);
  d["course"] = text(list.course);
  d["report"] = text(list.report);
  d["runs"] = list.runs;
  d["files"] = OrderedJson::array();
  for (const BundleFile& file : list.files) d["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  return d;
}

Result<BundleList> parse_bundle_list(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed) return Error{fmt::format("{}: {}", kBundleFile, printable(parsed.error().message))};
  const Json& root = *parsed;
  const bool has_schema = root.is_object() && root.contains("schema") && root["schema"].is_number_integer();
  if (!has_schema) return Error{fmt::format("{}: has no schema", kBundleFile)};
  if (root["schema"] != kBundleSchema)
    return Error{fmt::format("{}: has schema {}, and this assay reads {}; use a newer assay", kBundleFile, root["schema"].dump(), kBundleSchema)};
  BundleList list;
  for (const auto& [key, place] : {std::pair("assay", &list.assay), std::pair("created", &list.created), std::pair("title", &list.title),
                                   std::pair("team", &list.team), std::pair("course", &list.course), std::pair("report", &list.report)}) {
    auto value = text_at(root, key);
    if (!value) return value.error();
    *place = *std::move(value);
  }
  if (!list.report.empty()) {
    if (const auto fine = check_path(list.report); !fine) return fine.error();
  }
  const Json runs = root.value("runs", Json::array()), files = root.value("files", Json());
  if (!runs.is_array() || !files.is_array()) return Error{fmt::format("{}: 'runs' or 'files' is no list", kBundleFile)};
  for (const Json& run : runs) {
    if (!run.is_string()) return Error{fmt::format("{}: 'runs' holds something else than paths", kBundleFile)};
    list.runs.push_back(run.get<std::string>());
    if (const auto fine = check_path(list.runs.back()); !fine) return fine.error();
  }
  for (const Json& entry : files) {
    auto file = file_at(entry);
    if (!file) return file.error();
    if (!list.files.empty() && !(list.files.back().path < file->path))
      return Error{fmt::format("{}: '{}' is there twice or out of order", kBundleFile, printable(file->path))};
    list.files.push_back(*std::move(file));
  }
  return list;
}

Result<Bundle> open_bundle(const fs::path& path, const ArchiveLimits& limits) {
  Bundle bundle;
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    bundle.folder = top_of(path);
  } else if (fs::is_regular_file(path, failed)) {
    auto folder = std::make_shared<TemporaryFolder>("bundle");
    if (folder->path().empty()) return Error{"no temporary folder can be made for the bundle; set TMPDIR to a folder that can be written"};
    if (auto done = unpack(path, folder->path(), limits); !done) return done.error();
    bundle.folder = top_of(folder->path());
    bundle.unpacked = std::move(folder);
  } else {
    return Error{fmt::format("{}: is neither a folder nor an archive", path.string())};
  }
  auto list = list_in(bundle.folder);
  if (!list) return Error{fmt::format("{}: {}", path.string(), list.error().message)};
  bundle.list = *std::move(list);
  return bundle;
}

std::vector<Finding> verify_bundle(const fs::path& folder) {
  const auto list = list_in(folder);
  if (!list) return {{Severity::error, "bundle.list", std::string(kBundleFile), 0, list.error().message, "make the bundle again by assay submit"}};
  Walk walk(folder);
  std::vector<Finding> findings = std::move(walk.findings());
  const auto find = [&](std::string rule, const std::string& path, std::string what, std::string remedy) {
    findings.push_back({Severity::error, std::move(rule), printable(path), 0, std::move(what), std::move(remedy)});
  };
  std::map<std::string, fs::path> left = walk.files();
  for (const BundleFile& file : list->files) {
    const auto found = left.find(file.path);
    if (found == left.end()) {
      find("bundle.missing", file.path, "is named by bundle.json and isn't there", "get the whole bundle");
      continue;
    }
    std::error_code failed;
    const auto bytes = fs::file_size(found->second, failed);
    const auto hash = failed || bytes != file.bytes ? Result<std::string>(Error{}) : sha256_of_file(found->second.string());
    if (!hash || *hash != file.sha256)
      find("bundle.changed", file.path,
           bytes == file.bytes ? "is not the file that bundle.json names by its hash" : fmt::format("has {} bytes where bundle.json says {}", bytes, file.bytes),
           "get an unchanged copy, or make the bundle again by assay submit");
    left.erase(found);
  }
  for (const auto& [path, place] : left) find("bundle.extra", path, "is not named by bundle.json", "take it out, or make the bundle again by assay submit");
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) { return a.file < b.file; });
  return findings;
}

}  // namespace assay::reports
