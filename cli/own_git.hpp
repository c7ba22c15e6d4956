// git for a repository of the person's own, whose configuration counts: name and e-mail, Git LFS, signing keys. But what the *repository's*
// configuration or folder would have run (hooks, fsmonitor, filters, external diffs, editors) is none of what they asked for, and
// stays off: a clone may have been unpacked from somebody else's archive.
//
//     const auto repository = OwnRepository::around(here);
//     const auto changes = repository->changes({"submission.tar.gz"});
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::cli {

class OwnRepository {
 public:
  /// The working tree that `folder` lies in. An Error if there is none or git isn't installed.
  static Result<OwnRepository> around(const std::filesystem::path& folder);

  const std::filesystem::path& root() const { return root_; }
  const std::filesystem::path& storage() const { return storage_; }  // its git folder: the same for all linked working trees

  struct Run {
    std::vector<std::string> words;
    std::filesystem::path input = {};                                  // on standard input
    std::vector<std::pair<std::string, std::string>> environment = {};
  };
  /// Standard output without its last end of line. The Error of a git that fails is what it said.
  Result<std::string> run(const Run& run) const;

  /// What `git status` lists, changed or untracked, but for `except` (relative to root()); empty: clean.
  Result<std::vector<std::string>> changes(const std::vector<std::string>& except) const;

 private:
  std::filesystem::path root_;
  std::filesystem::path storage_;
  std::vector<std::pair<std::string, std::string>> overrides_;  // of the repository's own configuration
};

/// A value of the configuration that holds in `folder`, be it a repository or not; empty: none, or no git.
std::string git_setting(const std::filesystem::path& folder, const std::string& key);

}  // namespace assay::cli
