#include "reports/check/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "reports/check/plain_text.hpp"

namespace assay::reports::check {

namespace {

class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

private:
  int number_;
};

/// The names in a folder, sorted, without "." and ".."; at most `most`. Takes the descriptor. False: it can't
/// be listed.
bool names_in(Descriptor folder, std::size_t most, std::vector<std::string>& names, bool& cut) {
  DIR* stream = ::fdopendir(folder.get());
  if (!stream) return false;
  folder.release();
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == most) {
      cut = true;
      break;
    }
    names.emplace_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return true;
}

bool is_somebody_elses(std::string_view name) {
  return name == "node_modules" || name == ".venv" || name == "venv" || name == "site-packages";
}

class Lister {
public:
  Lister(const TreeLimits& limits, Tree& tree) : limits_(limits), tree_(tree) {}

  /// What is in the folder behind `descriptor`, which is `prefix` from the root ("" or "a/b/").
  bool list(int descriptor, const std::string& prefix, int depth) {
    // A second descriptor: fdopendir takes the one it is given, and the entries are looked at through the
    // first.
    Descriptor again(::openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::vector<std::string> names;
    if (again.get() < 0 || !names_in(std::move(again), limits_.entries - seen_, names, tree_.cut))
      return false;
    seen_ += names.size();
    for (const std::string& name : names) add(descriptor, prefix, name, depth);
    return true;
  }

private:
  void add(int descriptor, const std::string& prefix, const std::string& name, int depth) {
    struct stat what {};
    if (::fstatat(descriptor, name.c_str(), &what, AT_SYMLINK_NOFOLLOW) != 0) return;
    std::string path = prefix + name;
    if (name == ".git") {
      if (prefix.empty()) (S_ISDIR(what.st_mode) ? tree_.has_git : tree_.git_elsewhere) = true;
    } else if (S_ISREG(what.st_mode)) {
      tree_.files.push_back({std::move(path), static_cast<std::uintmax_t>(what.st_size)});
    } else if (S_ISLNK(what.st_mode)) {
      add_link(descriptor, prefix, name);
    } else if (S_ISDIR(what.st_mode)) {
      add_folder(descriptor, path, name, depth);
    } else {
      const char* kind = S_ISFIFO(what.st_mode) ? "FIFO" : S_ISSOCK(what.st_mode) ? "socket" : "device";
      tree_.specials.emplace_back(std::move(path), kind);
    }
  }

  void add_link(int descriptor, const std::string& prefix, const std::string& name) {
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(descriptor, name.c_str(), target.data(), target.size());
    target.resize(static_cast<std::size_t>(std::max<ssize_t>(0, length)));
    const std::string_view folder =
        std::string_view(prefix).substr(0, prefix.empty() ? 0 : prefix.size() - 1);
    const bool out = target.starts_with('/') || resolved(folder, target).empty();
    tree_.links.push_back({prefix + name, std::move(target), out});
  }

  void add_folder(int descriptor, const std::string& path, const std::string& name, int depth) {
    if (is_somebody_elses(name)) {
      tree_.left_out.push_back(path);
      return;
    }
    tree_.folders.push_back(path);
    if (seen_ >= limits_.entries) {
      tree_.cut = true;
      return;
    }
    const Descriptor below(
        ::openat(descriptor, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (depth >= limits_.depth || below.get() < 0 || !list(below.get(), path + "/", depth + 1))
      tree_.unread.push_back(path);
  }

  const TreeLimits& limits_;
  Tree& tree_;
  std::size_t seen_ = 0;
};

}  // namespace

const TreeFile* Tree::file(std::string_view path) const {
  const auto found = std::lower_bound(files.begin(), files.end(), path,
                                      [](const TreeFile& f, std::string_view p) { return f.path < p; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

bool Tree::has_folder(std::string_view path) const {
  return std::binary_search(folders.begin(), folders.end(), path,
                            [](std::string_view a, std::string_view b) { return a < b; });
}

Result<Tree> list_tree(const std::filesystem::path& root, const TreeLimits& limits) {
  const Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0)
    return Error{fmt::format("{}: can't be listed: {}", root.string(), std::strerror(errno))};
  Tree tree;
  if (!Lister(limits, tree).list(folder.get(), "", 0))
    return Error{fmt::format("{}: can't be listed", root.string())};
  std::sort(tree.files.begin(), tree.files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  std::sort(tree.links.begin(), tree.links.end(),
            [](const TreeLink& a, const TreeLink& b) { return a.path < b.path; });
  std::sort(tree.specials.begin(), tree.specials.end());
  for (auto* list : {&tree.folders, &tree.left_out, &tree.unread}) std::sort(list->begin(), list->end());
  return tree;
}

Result<std::string> read_below(const std::filesystem::path& root, std::string_view path, std::size_t most) {
  const auto refused = [&](std::string_view why) {
    return Error{fmt::format("{}: {}", plain_text(path), why)};
  };
  Descriptor at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t begin = 0;;) {
    if (at.get() < 0)
      return refused(errno == ELOOP || errno == ENOTDIR ? "is behind a link, which isn't followed"
                                                        : std::strerror(errno));
    const std::size_t slash = path.find('/', begin);
    const std::string part(path.substr(begin, slash == std::string_view::npos ? slash : slash - begin));
    if (part.empty() || part == "." || part == "..") return refused("is no path below the folder");
    const bool last = slash == std::string_view::npos;
    // O_NONBLOCK: a FIFO that took the file's place must not hold anybody up.
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY);
    at = Descriptor(::openat(at.get(), part.c_str(), flags));
    if (last) break;
    begin = slash + 1;
  }
  if (at.get() < 0) return refused(errno == ELOOP ? "is a link, which isn't followed" : std::strerror(errno));
  struct stat what {};
  if (::fstat(at.get(), &what) != 0 || !S_ISREG(what.st_mode)) return refused("is no regular file");
  const std::string too_large = fmt::format("has more than {} bytes, and isn't read", most);
  if (static_cast<std::uintmax_t>(what.st_size) > most) return refused(too_large);
  std::string text(static_cast<std::size_t>(what.st_size) + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(at.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(std::strerror(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == text.size()) return refused("grew while it was read");
  }
  text.resize(size);
  return text;
}

bool is_plain_file(const std::filesystem::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool matches(std::string_view pattern, std::string_view text) {
  // The usual two pointers: on a mismatch the last star takes one character more.
  std::size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos && text[taken] != '/') {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string resolved(std::string_view folder, std::string_view target) {
  std::vector<std::string_view> parts;
  const auto walk = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = std::min(path.find('/'), path.size());
      const std::string_view part = path.substr(0, slash);
      path.remove_prefix(std::min(path.size(), slash + 1));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
    return true;
  };
  if (!walk(folder) || !walk(target)) return "";
  if (parts.empty()) return ".";
  return fmt::format("{}", fmt::join(parts, "/"));
}

}  // namespace assay::reports::check
