// A folder with the /proc and /sys of a machine that nobody has.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace assay::test {

class MadeUpMachine {
 public:
  MadeUpMachine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-machine-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  MadeUpMachine(const MadeUpMachine&) = delete;
  MadeUpMachine& operator=(const MadeUpMachine&) = delete;
  ~MadeUpMachine() { std::filesystem::remove_all(root_); }

  const std::filesystem::path& root() const { return root_; }

  void write(const std::string& path, std::string_view text) const {
    const auto file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }

 private:
  std::filesystem::path root_;
};

}  // namespace assay::test
