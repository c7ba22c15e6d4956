#include "harness/data/file_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

#ifdef ASSAY_HAS_ZLIB
#include <zlib.h>
#endif

namespace assay::data {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 1 << 18;

std::string too_long(const fs::path& file, std::int64_t most, const char* how) {
  return fmt::format("{}: {} more than the {} bytes that it should have", file.string(), how, most);
}

/// `read(buffer, size)` gives the number of bytes, 0 at the end, or less than 0 for an error that `why` explains.
template <class Read, class Why>
Result<std::string> read_all(const fs::path& file, std::int64_t most, const char* how, Read read, Why why) {
  std::string bytes;
  const auto limit = static_cast<std::size_t>(most);
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(kPiece, limit - before + 1));  // one byte more than there may be tells that there is more
    const auto got = read(bytes.data() + before, bytes.size() - before);
    if (got < 0) return Error{fmt::format("{}: {}", file.string(), why())};
    bytes.resize(before + static_cast<std::size_t>(got));
    if (bytes.size() > limit) return Error{too_long(file, most, how)};
    if (got == 0) return bytes;
  }
}

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<std::string> read_plain(const fs::path& file, std::int64_t most) {
  const Stream stream(std::fopen(file.c_str(), "rbe"), &std::fclose);
  if (!stream) return Error{fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno))};
  const auto read = [&](char* to, std::size_t size) {
    const std::size_t got = std::fread(to, 1, size, stream.get());
    return got == 0 && std::ferror(stream.get()) ? std::ptrdiff_t{-1} : static_cast<std::ptrdiff_t>(got);
  };
  return read_all(file, most, "has", read, [] { return std::string("reading it failed: ") + std::strerror(errno); });
}

#ifdef ASSAY_HAS_ZLIB

Result<std::string> read_packed(const fs::path& file, std::int64_t most) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno))};
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzdopen(fd, "rb"), &gzclose);
  if (!stream) {
    ::close(fd);
    return Error{fmt::format("{}: cannot be read: zlib found no memory", file.string())};
  }
  bool is_first = true;
  const auto read = [&](char* to, std::size_t size) {
    const int got = gzread(stream.get(), to, static_cast<unsigned>(size));
    if (is_first && got >= 0 && gzdirect(stream.get())) return -1;  // gzread hands on what isn't gzip as it is
    is_first = false;
    int code = Z_OK;
    if (got == 0) gzerror(stream.get(), &code);
    return code == Z_OK ? got : -1;  // an early end is no data and Z_BUF_ERROR
  };
  const auto why = [&] {
    if (gzdirect(stream.get())) return std::string("isn't packed by gzip, in spite of its ending");
    int code = Z_OK;
    const std::string said = gzerror(stream.get(), &code);
    return code == Z_BUF_ERROR ? std::string("is cut short: gzip's end is missing") : "is damaged: " + (said.empty() ? "zlib can't unpack it" : said);
  };
  return read_all(file, most, "unpacks to", read, why);
}

#else

Result<std::string> read_packed(const fs::path& file, std::int64_t) {
  return Error{fmt::format("{}: is packed, and this build has no zlib; gunzip it, or build Assay with zlib1g-dev", file.string())};
}

#endif

}  // namespace

Result<std::string> read_file(const fs::path& file, std::int64_t most) {
  return file.extension() == ".gz" ? read_packed(file, most) : read_plain(file, most);
}

Result<Done> write_file(const fs::path& file, const std::string& bytes) {
  std::string name = file.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  const auto failed = [&](const char* what) {
    const int error = errno;
    if (fd >= 0) {
      ::close(fd);
      ::unlink(name.c_str());
    }
    return Error{fmt::format("{}: {}: {}", file.string(), what, std::strerror(error))};
  };
  if (fd < 0) return failed("cannot be written");
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("writing it failed");
    done += static_cast<std::size_t>(written);
  }
  if (::fchmod(fd, 0644) != 0 || ::fsync(fd) != 0) return failed("writing it failed");
  ::close(fd);
  if (::rename(name.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(name.c_str());
    return Error{fmt::format("{}: cannot be put in place: {}", file.string(), std::strerror(error))};
  }
  return Done{};
}

}  // namespace assay::data
