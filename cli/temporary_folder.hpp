// A folder of this process's own, gone when the object is.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace assay::cli {

class TemporaryFolder {
 public:
  /// `purpose` stands in its name: "doctor" → /tmp/assay-doctor-x1y2z3.
  explicit TemporaryFolder(const std::string& purpose) {
    std::error_code none;
    const std::filesystem::path above = std::filesystem::temp_directory_path(none);
    std::string pattern = (above / ("assay-" + purpose + "-XXXXXX")).string();
    if (!none && mkdtemp(pattern.data())) path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }  // empty: none could be made

 private:
  std::filesystem::path path_;
};

}  // namespace assay::cli
