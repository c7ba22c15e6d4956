// A folder of this process's own, gone with the object: where hostile input is taken apart. Nobody else may look into it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace assay::reports {

class TemporaryFolder {
public:
  /// `purpose` stands in its name: "bundle" → /tmp/assay-bundle-x1y2z3.
  explicit TemporaryFolder(const std::string& purpose = "files") {
    std::error_code none;
    const std::filesystem::path above = std::filesystem::temp_directory_path(none);
    std::string pattern = (above / ("assay-" + purpose + "-XXXXXX")).string();
    if (!none && ::mkdtemp(pattern.data())) path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }  // empty: none could be made

private:
  std::filesystem::path path_;
};

}  // namespace assay::reports
