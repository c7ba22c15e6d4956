// A file line by line in constant memory, with its lines numbered and its torn tail kept apart.
//
//     auto lines = Lines::open(file);
//     while (const auto line = lines->next()) use(*line, lines->number());
//     if (!lines->error().empty()) fail(lines->error());
//     if (lines->torn_bytes() > 0) note("the last line was cut short");
//
// Only a line that ends in a newline is a line: what stands behind the last newline was being written when the
// machine or the program stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay::record {

/// Longest line that is read. A worker's reply has at most 16 MiB, so a longer line is no journal's.
inline constexpr std::size_t kLongestLine = std::size_t{64} << 20;  // bytes

class Lines {
 public:
  static Result<Lines> open(const std::filesystem::path& file);

  Lines(Lines&& other) noexcept;
  Lines& operator=(Lines&&) = delete;
  ~Lines();

  /// The next whole line without its newline, valid until the next call; nullopt at the end or on an error.
  std::optional<std::string_view> next();

  std::uint64_t number() const { return number_; }          // of the line that next() gave, from 1
  std::uint64_t whole_bytes() const { return whole_bytes_; }  // of all lines so far, with their newlines
  std::uint64_t torn_bytes() const { return torn_bytes_; }  // behind the last newline; known at the end
  const std::string& error() const { return error_; }       // empty: none

 private:
  Lines(std::filesystem::path file, int descriptor);

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::string buffer_;
  std::size_t begin_ = 0;    // of what next() has not given yet
  std::size_t scanned_ = 0;  // no newline in [begin_, scanned_)
  bool at_end_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t whole_bytes_ = 0;
  std::uint64_t torn_bytes_ = 0;
  std::string error_;
};

}  // namespace assay::record
