#include "harness/data/stored_dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "harness/core/hash.hpp"
#include "harness/data/file_bytes.hpp"
#include "harness/data/idx.hpp"

namespace assay::data {

namespace fs = std::filesystem;

namespace {

fs::path folder_named(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value ? fs::path(value) : fs::path();
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path cache = folder_named("XDG_CACHE_HOME"); !cache.empty()) return cache / "assay";
  if (const fs::path home = folder_named("HOME"); !home.empty()) return home / ".cache" / "assay";
  return {};
}

fs::path data_folder() {
  if (const fs::path given = folder_named("ASSAY_DATA"); !given.empty()) return given;
  const fs::path cache = cache_folder();
  return cache.empty() ? cache : cache / "data";
}

std::vector<fs::path> places(const Dataset& set) {
  std::vector<fs::path> folders;
  if (const fs::path given = folder_named("ASSAY_DATA"); !given.empty()) {
    folders.insert(folders.end(), {given / set.name, given / set.torchvision, given});
  }
  if (const fs::path cache = cache_folder(); !cache.empty()) folders.push_back(cache / "data" / set.name);
  folders.insert(folders.end(), {fs::path("data") / set.torchvision, fs::path(set.torchvision)});
  if (!set.debian_folder.empty()) folders.push_back(set.debian_folder);
  return folders;
}

std::optional<fs::path> file_in(const fs::path& folder, const File& file) {
  std::error_code none;
  for (const std::string& name : {file.name, file.name + ".gz"}) {
    if (fs::is_regular_file(folder / name, none)) return folder / name;
  }
  return std::nullopt;
}

std::optional<fs::path> find(const Dataset& set) {
  const auto files = set.files();
  for (const fs::path& folder : places(set)) {
    const bool is_whole = std::all_of(files.begin(), files.end(), [&](const File* file) { return file_in(folder, *file).has_value(); });
    if (is_whole) return folder;
  }
  return std::nullopt;
}

Result<std::string> read_verified(const Dataset& set, const File& file, const fs::path& path) {
  auto bytes = read_file(path, file.bytes);
  if (!bytes) return Error{fmt::format("{}; fetch it again: assay data fetch {}", bytes.error().message, set.name)};
  if (const std::string hash = sha256_hex(*bytes); hash != file.sha256) {
    return Error{fmt::format("{}: is not the file of {}: SHA-256 {} ({} bytes) instead of {} ({} bytes); fetch it again: assay data fetch {}",
                             path.string(), set.name, hash, bytes->size(), file.sha256, file.bytes, set.name)};
  }
  return bytes;
}

std::vector<std::optional<std::string>> verify(const Dataset& set, const fs::path& folder) {
  std::vector<std::optional<std::string>> wrong;
  for (const File* file : set.files()) {
    const auto path = file_in(folder, *file);
    if (!path) {
      wrong.push_back(fmt::format("{}: is missing; run: assay data fetch {}", (folder / file->name).string(), set.name));
      continue;
    }
    const auto bytes = read_verified(set, *file, *path);
    wrong.push_back(bytes ? std::nullopt : std::optional(bytes.error().message));
  }
  return wrong;
}

Result<Labelled> load(const Dataset& set, Split split) {
  const auto folder = find(set);
  if (!folder) return Error{absent(set)};
  const File& image_file = split == Split::train ? set.train_images : set.test_images;
  const File& label_file = split == Split::train ? set.train_labels : set.test_labels;
  const fs::path image_path = *file_in(*folder, image_file), label_path = *file_in(*folder, label_file);
  auto image_bytes = read_verified(set, image_file, image_path);
  if (!image_bytes) return image_bytes.error();
  auto label_bytes = read_verified(set, label_file, label_path);
  if (!label_bytes) return label_bytes.error();
  const auto images = parse_idx(*image_bytes, 3, image_path.string());
  if (!images) return images.error();
  const auto labels = parse_idx(*label_bytes, 1, label_path.string());
  if (!labels) return labels.error();

  Labelled all{.count = static_cast<int>(images->sizes[0]),
               .rows = static_cast<int>(images->sizes[1]),
               .columns = static_cast<int>(images->sizes[2]),
               .pixels = std::string(images->values),
               .labels = std::string(labels->values),
               .images_sha256 = image_file.sha256,
               .labels_sha256 = label_file.sha256};
  if (labels->sizes[0] != images->sizes[0]) {
    return Error{fmt::format("{}: {} labels for the {} images of {}", label_path.string(), labels->sizes[0], images->sizes[0], image_path.string())};
  }
  if (all.rows != set.rows || all.columns != set.columns) {
    return Error{fmt::format("{}: images of {} × {} where {} has {} × {}", image_path.string(), all.rows, all.columns, set.name, set.rows, set.columns)};
  }
  for (int i = 0; i < all.count; ++i) {
    if (all.label(i) >= set.classes) {
      return Error{fmt::format("{}: label {} is {}; the classes are 0 to {}", label_path.string(), i, all.label(i), set.classes - 1)};
    }
  }
  return all;
}

std::string absent(const Dataset& set) {
  return fmt::format("{} is not on this machine; run: assay data fetch {}", set.name, set.name);
}

}  // namespace assay::data
