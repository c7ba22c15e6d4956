#include "reports/archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <system_error>

#include "harness/core/ascii.hpp"
#include "harness/core/printable.hpp"

#ifdef ASSAY_HAVE_LIBARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

namespace assay::reports {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestName = 255;  // bytes, of one folder or file: what file systems take

/// Folders and name, in order; empty parts and "." are kept, to be refused.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::optional<std::string> path_problem(std::string_view path, const ArchiveLimits& limits) {
  if (path.empty()) return "has no name";
  if (path.size() > limits.path_bytes) return fmt::format("has a name of more than {} bytes", limits.path_bytes);
  if (path.find('\0') != std::string_view::npos) return "has a NUL in its name";
  if (!unprintable_in(path).empty()) return "has control, bidirectional or invisible characters in its name, or no UTF-8";
  if (path.front() == '/') return "is an absolute path";
  if (path.find('\\') != std::string_view::npos) return "has a backslash in its name";
  if (path.size() >= 2 && is_letter(path[0]) && path[1] == ':') return "begins with a drive's letter";
  const auto parts = parts_of(path);
  if (parts.size() > static_cast<std::size_t>(limits.depth) + 1) return fmt::format("lies more than {} folders deep", limits.depth);
  for (const std::string_view part : parts) {
    if (part == "..") return "leads out of the folder by ..";
    if (part.empty() || part == ".") return "has an empty folder or . in its path";
    if (part.size() > kLongestName) return fmt::format("has a part of more than {} bytes in its path", kLongestName);
  }
  return std::nullopt;
}

#ifndef ASSAY_HAVE_LIBARCHIVE

namespace {
constexpr const char* kWithout = "this assay was built without libarchive; apt-get install libarchive-dev and build it again, or use a folder";
}

bool can_archive() { return false; }
Result<Done> write_archive(const fs::path&, std::vector<ArchivedFile>, std::int64_t) { return Error{kWithout}; }
Result<Done> unpack(const fs::path&, const fs::path&, const ArchiveLimits&) { return Error{kWithout}; }

#else

namespace {

constexpr std::size_t kPiece = 256 * 1024;

struct FreeEntry {
  void operator()(archive_entry* e) const { ::archive_entry_free(e); }
};
struct FreeWriter {
  void operator()(archive* a) const { ::archive_write_free(a); }
};
struct FreeReader {
  void operator()(archive* a) const { ::archive_read_free(a); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;
using Writer = std::unique_ptr<archive, FreeWriter>;
using Reader = std::unique_ptr<archive, FreeReader>;

std::string said(archive* a) {
  const char* words = ::archive_error_string(a);
  return printable(words ? words : "no reason given");
}

class Descriptor {
public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

private:
  int fd_;
};

Result<Done> append(archive* writer, const ArchivedFile& file, std::int64_t time_s) {
  const auto failed = [&](const std::string& why) { return Error{fmt::format("{}: {}", file.file.string(), why)}; };
  const Descriptor in(::open(file.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (in.get() < 0 || ::fstat(in.get(), &status) != 0) return failed(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return failed("is no regular file");
  const Entry entry(::archive_entry_new());
  ::archive_entry_set_pathname(entry.get(), file.path.c_str());
  ::archive_entry_set_filetype(entry.get(), AE_IFREG);
  ::archive_entry_set_perm(entry.get(), status.st_mode & S_IXUSR ? 0755 : 0644);
  ::archive_entry_set_size(entry.get(), status.st_size);
  ::archive_entry_set_mtime(entry.get(), static_cast<time_t>(time_s), 0);
  if (::archive_write_header(writer, entry.get()) != ARCHIVE_OK) return failed(said(writer));
  std::vector<char> piece(kPiece);
  off_t left = status.st_size;
  while (left > 0) {
    const ssize_t n = ::read(in.get(), piece.data(), std::min<std::size_t>(piece.size(), static_cast<std::size_t>(left)));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed(n < 0 ? std::strerror(errno) : "became shorter while it was read");
    if (::archive_write_data(writer, piece.data(), static_cast<std::size_t>(n)) != n) return failed(said(writer));
    left -= n;
  }
  return Done{};
}

Result<Done> write_all(const fs::path& place, const std::vector<ArchivedFile>& files, std::int64_t time_s) {
  const Writer writer(::archive_write_new());
  archive* a = writer.get();
  // The GNU form holds names as they are, whatever the locale; and gzip's header gets neither name nor time.
  bool fine = ::archive_write_set_format_gnutar(a) == ARCHIVE_OK && ::archive_write_add_filter_gzip(a) == ARCHIVE_OK;
  fine = fine && ::archive_write_set_filter_option(a, "gzip", "compression-level", "6") == ARCHIVE_OK;
  fine = fine && ::archive_write_set_filter_option(a, "gzip", "timestamp", nullptr) == ARCHIVE_OK;
  fine = fine && ::archive_write_open_filename(a, place.c_str()) == ARCHIVE_OK;
  if (!fine) return Error{fmt::format("{}: {}", place.string(), said(a))};
  for (const ArchivedFile& file : files) {
    if (auto done = append(a, file, time_s); !done) return done;
  }
  if (::archive_write_close(a) != ARCHIVE_OK) return Error{fmt::format("{}: {}", place.string(), said(a))};
  return Done{};
}

/// Takes one archive apart; remembers what it met, so that an entry can be held against all before it.
class Unpacking {
public:
  Unpacking(const fs::path& archive, const fs::path& folder, const ArchiveLimits& limits)
      : archive_(archive), folder_(folder), limits_(limits) {}

  Result<Done> run() {
    std::error_code failed;
    packed_ = fs::file_size(archive_, failed);
    if (failed) return Error{fmt::format("{}: {}", archive_.string(), failed.message())};
    const Reader reader(::archive_read_new());
    a_ = reader.get();
    // Only what this process unpacks itself: other filters would start programs, and other formats hold what no bundle has.
    ::archive_read_support_filter_gzip(a_);
    ::archive_read_support_format_tar(a_);
    ::archive_read_support_format_zip(a_);
    if (::archive_read_open_filename(a_, archive_.c_str(), kPiece) != ARCHIVE_OK) return broken();
    archive_entry* entry = nullptr;
    while (true) {
      const int next = ::archive_read_next_header(a_, &entry);
      if (next == ARCHIVE_EOF) return entries_ > 0 ? Result<Done>(Done{}) : Error{fmt::format("{}: is empty, or neither a tar, a tar.gz nor a zip", archive_.string())};
      if (next != ARCHIVE_OK && next != ARCHIVE_WARN) return broken();
      if (auto done = take(entry); !done) return done;
    }
  }

private:
  Error broken() const { return Error{fmt::format("{}: can't be unpacked: {}", archive_.string(), said(a_))}; }
  Error refuse(const std::string& path, const std::string& why) const {
    return Error{fmt::format("{}: the entry '{}' {}; nothing of the archive is used", archive_.string(), printable(path), why)};
  }

  static std::string name_of(archive_entry* entry) {
    // The UTF-8 of a name that has one, else its bytes: which then are told to be none.
    const char* name = ::archive_entry_pathname_utf8(entry);
    if (!name) name = ::archive_entry_pathname(entry);
    return name ? name : "";
  }

  Result<Done> take(archive_entry* entry) {
    std::string path = name_of(entry);
    if (++entries_ > limits_.entries) return Error{fmt::format("{}: has more than {} entries", archive_.string(), limits_.entries)};
    if (::archive_entry_hardlink(entry)) return refuse(path, "is a hard link");
    const auto type = ::archive_entry_filetype(entry);
    if (type == AE_IFLNK || ::archive_entry_symlink(entry)) return refuse(path, "is a symbolic link");
    if (type != AE_IFREG && type != AE_IFDIR) return refuse(path, "is a device, a pipe or a socket");
    if (::archive_entry_is_encrypted(entry)) return refuse(path, "is encrypted");
    // "./" in front, and "/" behind a folder, are how tar writes them.
    while (path.starts_with("./")) path.erase(0, 2);
    if (type == AE_IFDIR && path.ends_with('/')) path.pop_back();
    if (type == AE_IFDIR && (path.empty() || path == ".")) return Done{};
    if (const auto problem = path_problem(path, limits_)) return refuse(path, *problem);
    if (auto fits = fit(path, type == AE_IFDIR); !fits) return fits;
    return type == AE_IFDIR ? make_folder(folder_ / path, path) : make_file(entry, path);
  }

  /// Each file once, also where a file system doesn't tell a from A, and none as the folder of another.
  Result<Done> fit(const std::string& path, bool is_folder) {
    std::string_view rest = path;
    for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/', slash + 1)) {
      if (auto fine = meet(path.substr(0, slash), true, path); !fine) return fine;
    }
    return meet(path, is_folder, path);
  }

  Result<Done> meet(const std::string& name, bool is_folder, const std::string& entry) {
    const auto [known, is_new] = met_.try_emplace(lower_case(name), name, is_folder);
    if (is_new) return Done{};
    if (known->second.first != name) return refuse(entry, fmt::format("differs from '{}' only by the case of letters", printable(known->second.first)));
    if (known->second.second != is_folder) return refuse(entry, "is a file and a folder");
    if (!is_folder) return refuse(entry, "is there twice");
    return Done{};
  }

  Result<Done> make_folder(const fs::path& place, const std::string& path) {
    std::error_code failed;
    fs::create_directories(place, failed);
    if (failed) return refuse(path, "can't be written: " + failed.message());
    return Done{};
  }

  Result<Done> make_file(archive_entry* entry, const std::string& path) {
    if (::archive_entry_size_is_set(entry) && ::archive_entry_size(entry) > static_cast<std::int64_t>(limits_.file_bytes))
      return refuse(path, fmt::format("has more than {} bytes", limits_.file_bytes));
    const fs::path place = folder_ / path;
    if (auto made = make_folder(place.parent_path(), path); !made) return made;
    const Descriptor out(::open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (out.get() < 0) return refuse(path, fmt::format("can't be written: {}", std::strerror(errno)));
    std::uint64_t bytes = 0;
    while (true) {
      const la_ssize_t n = ::archive_read_data(a_, piece_.data(), piece_.size());
      if (n == 0) return Done{};
      if (n < 0) return refuse(path, "can't be unpacked: " + said(a_));
      bytes += static_cast<std::uint64_t>(n);
      total_ += static_cast<std::uint64_t>(n);
      if (bytes > limits_.file_bytes) return refuse(path, fmt::format("has more than {} bytes", limits_.file_bytes));
      if (total_ > limits_.total_bytes) return Error{fmt::format("{}: holds more than {} bytes", archive_.string(), limits_.total_bytes)};
      if (total_ > limits_.ratio_from_bytes && static_cast<double>(total_) > limits_.ratio * static_cast<double>(packed_))
        return refuse(path, fmt::format("unpacks to more than {} times the archive's size", limits_.ratio));
      if (auto written = write(out.get(), static_cast<std::size_t>(n), path); !written) return written;
    }
  }

  Result<Done> write(int out, std::size_t size, const std::string& path) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t n = ::write(out, piece_.data() + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return refuse(path, fmt::format("can't be written: {}", std::strerror(errno)));
      done += static_cast<std::size_t>(n);
    }
    return Done{};
  }

  const fs::path& archive_;
  const fs::path& folder_;
  const ArchiveLimits& limits_;
  archive* a_ = nullptr;
  std::uint64_t packed_ = 0, total_ = 0;
  std::size_t entries_ = 0;
  std::map<std::string, std::pair<std::string, bool>> met_;  // in lower case → as met, and whether it is a folder
  std::vector<char> piece_ = std::vector<char>(kPiece);
};

}  // namespace

bool can_archive() { return true; }

Result<Done> write_archive(const fs::path& archive, std::vector<ArchivedFile> files, std::int64_t time_s) {
  std::sort(files.begin(), files.end(), [](const ArchivedFile& a, const ArchivedFile& b) { return a.path < b.path; });
  fs::path part = archive;
  part += ".part";
  auto written = write_all(part, files, time_s);
  std::error_code failed;
  if (written) fs::rename(part, archive, failed);
  if (!written || failed) {
    std::error_code ignored;
    fs::remove(part, ignored);
  }
  if (failed) return Error{fmt::format("{}: {}", archive.string(), failed.message())};
  return written;
}

Result<Done> unpack(const fs::path& archive, const fs::path& folder, const ArchiveLimits& limits) {
  return Unpacking(archive, folder, limits).run();
}

#endif

}  // namespace assay::reports
