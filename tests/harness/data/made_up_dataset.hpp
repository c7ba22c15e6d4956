// A data set of three training and two test images of 2 × 2, whose files and hashes are right.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "harness/core/hash.hpp"
#include "harness/data/dataset.hpp"

namespace assay::data {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-data-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  std::filesystem::path path;
};

inline void write(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string idx_header(const std::string& sizes) {
  std::string header = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const char size : sizes) header += std::string{0, 0, 0, size};
  return header;
}

struct MadeUp {
  std::map<std::string, std::string> files;  // name → bytes
  Dataset set;

  MadeUp() {
    files = {{"train-images", idx_header("\3\2\2") + std::string("abcdefghijkl")},
             {"train-labels", idx_header("\3") + std::string{0, 1, 1}},
             {"test-images", idx_header("\2\2\2") + std::string("mnopqrst")},
             {"test-labels", idx_header("\2") + std::string{1, 0}}};
    set.name = "made-up";
    set.rows = set.columns = set.classes = 2;
    set.torchvision = "MadeUp/raw";
    for (auto [name, file] : {std::pair{"train-images", &set.train_images},
                              {"train-labels", &set.train_labels},
                              {"test-images", &set.test_images},
                              {"test-labels", &set.test_labels}}) {
      const std::string& bytes = files.at(name);
      *file = {name, static_cast<std::int64_t>(bytes.size()), sha256_hex(bytes)};
    }
  }
  void put_into(const std::filesystem::path& folder) const {
    for (const auto& [name, bytes] : files) write(folder / name, bytes);
  }
};

}  // namespace assay::data
