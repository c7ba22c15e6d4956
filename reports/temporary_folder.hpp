// A folder below the system's one for temporary files, which goes away with its owner.
//
//     const TemporaryFolder folder;
//     if (folder.path().empty()) return Error{…};
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace assay::reports {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::error_code ignored;
    std::string name = (std::filesystem::temp_directory_path(ignored) / "assay-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }  // empty: there is none; errno says why

private:
  std::filesystem::path path_;
};

}  // namespace assay::reports
