#include "harness/record/lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace assay::record {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;  // bytes a read(); large enough that its cost vanishes

}  // namespace

Result<Lines> Lines::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Error{fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno))};
  return Lines(file, descriptor);
}

Lines::Lines(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}

Lines::Lines(Lines&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      scanned_(other.scanned_),
      at_end_(other.at_end_),
      number_(other.number_),
      whole_bytes_(other.whole_bytes_),
      torn_bytes_(other.torn_bytes_),
      error_(std::move(other.error_)) {}

Lines::~Lines() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string_view> Lines::next() {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', scanned_);
    if (newline != std::string::npos) {
      const std::string_view line(buffer_.data() + begin_, newline - begin_);
      begin_ = scanned_ = newline + 1;
      whole_bytes_ += line.size() + 1;
      ++number_;
      return line;
    }
    if (at_end_ || !error_.empty()) return std::nullopt;
    buffer_.erase(0, begin_);
    begin_ = 0;
    scanned_ = buffer_.size();
    if (buffer_.size() > kLongestLine) {
      error_ = fmt::format("{}:{}: a line of more than {} MiB; this is no file of Assay's", file_.string(),
                           number_ + 1, kLongestLine >> 20);
      return std::nullopt;
    }
    buffer_.resize(scanned_ + kPiece);
    ssize_t got = 0;
    do {
      got = ::read(descriptor_, buffer_.data() + scanned_, kPiece);
    } while (got < 0 && errno == EINTR);
    if (got < 0) error_ = fmt::format("{}: reading it failed: {}", file_.string(), std::strerror(errno));
    buffer_.resize(scanned_ + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) {
      at_end_ = true;
      torn_bytes_ = buffer_.size();
    }
  }
}

}  // namespace assay::record
