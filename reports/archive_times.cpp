#include "reports/archive_times.hpp"

#include <cstdint>
#include <string_view>

namespace assay::reports {

namespace {

// PKWARE's APPNOTE, 4.3: where a time (two bytes, then two of the date) stands in each header, and how long
// these are.
constexpr std::string_view kLocal("PK\3\4", 4), kCentral("PK\1\2", 4), kEnd("PK\5\6", 4);
constexpr std::size_t kLocalTime = 10, kCentralTime = 12, kCentralSize = 46, kEndSize = 22;
constexpr std::string_view kFirst("\0\0\x21\0", 4);  // 0:00 of 1980-01-01

std::size_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

bool stands(std::string_view archive, std::string_view mark, std::size_t at, std::size_t size) {
  return at <= archive.size() && archive.size() - at >= size && archive.substr(at, mark.size()) == mark;
}

}  // namespace

void fix_archive_times(std::string& archive) {
  const std::size_t end = archive.rfind(kEnd);
  if (end == std::string::npos || archive.size() - end < kEndSize) return;
  std::size_t at = number(archive, end + 16, 4);
  for (std::size_t left = number(archive, end + 10, 2);
       left > 0 && stands(archive, kCentral, at, kCentralSize); --left) {
    archive.replace(at + kCentralTime, kFirst.size(), kFirst);
    const std::size_t local = number(archive, at + 42, 4);
    if (stands(archive, kLocal, local, kLocalTime + kFirst.size()))
      archive.replace(local + kLocalTime, kFirst.size(), kFirst);
    at += kCentralSize + number(archive, at + 28, 2) + number(archive, at + 30, 2) +
          number(archive, at + 32, 2);
  }
}

}  // namespace assay::reports
