// The files of a folder that nobody vouches for: no link is followed, nothing but regular files is opened,
// and size, number and depth are bounded.
//
//     const Result<Tree> tree = list_tree("team-07", {});
//     const Result<std::string> readme = read_below("team-07", "README.md", 1 << 20);
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports::check {

struct TreeLimits {
  std::size_t entries = 100'000;
  int depth = 48;  // folders below the root; each costs a descriptor while it is listed
};

struct TreeFile {
  std::string path;  // from the root, the bytes as they are
  std::uintmax_t bytes = 0;
};

struct TreeLink {
  std::string path;
  std::string target;
  bool leads_out = false;  // absolute, or above the root
};

/// Every list is sorted by path.
struct Tree {
  std::vector<TreeFile> files;
  std::vector<std::string> folders;
  std::vector<TreeLink> links;
  std::vector<std::pair<std::string, std::string>> specials;  // path, what it is: "FIFO", "device", "socket"
  std::vector<std::string>
      left_out;  // folders that are somebody else's work: node_modules, virtual environments
  std::vector<std::string> unread;  // folders that can't be listed, or lie too deep
  bool cut = false;                 // there are more entries than the limit
  bool has_git = false;             // .git is a folder of its own at the root
  bool git_elsewhere = false;       // .git is a file or link that names another place

  const TreeFile* file(std::string_view path) const;
  bool has_folder(std::string_view path) const;
};

/// `.git` isn't entered at any depth. An Error: the folder itself can't be listed.
Result<Tree> list_tree(const std::filesystem::path& root, const TreeLimits& limits);

/// The whole of a regular file of at most `most` bytes. No component of `path` may be a link. The Error
/// begins with the path.
Result<std::string> read_below(const std::filesystem::path& root, std::string_view path, std::size_t most);

/// A regular file, and no link to one: what may be opened.
bool is_plain_file(const std::filesystem::path& file);

/// What follows the last '/'; what stands before it ("" at the root).
std::string_view file_name(std::string_view path);
std::string_view folder_of(std::string_view path);

/// '*' stands for any characters but '/': "run.*", "*.py".
bool matches(std::string_view pattern, std::string_view text);

/// Where `target`, as written in a file of `folder`, leads within the root: "a/../b.md" → "b.md". Empty: out
/// of it.
std::string resolved(std::string_view folder, std::string_view target);

}  // namespace assay::reports::check
