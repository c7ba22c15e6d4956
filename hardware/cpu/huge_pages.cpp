#include "hardware/cpu/huge_pages.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace assay::hardware {

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kLine = 64;  // bytes: a read a cache line

double now_s() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Memory of one kind of page, aligned to a huge page, touched once.
class Pages {
 public:
  Pages(std::size_t bytes, bool huge) : mapped_(bytes + kHugePage) {
    void* memory = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = memory;
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    first_ = reinterpret_cast<unsigned char*>((address + kHugePage - 1) / kHugePage * kHugePage);
    ::madvise(first_, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);  // refused: `granted` will say so
    for (std::size_t at = 0; at < bytes; at += 4096) first_[at] = 0;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (memory_) ::munmap(memory_, mapped_);
  }

  unsigned char* first() const { return first_; }

  /// Whether the kernel backs it with huge pages, by its own account.
  bool is_huge() const {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
      std::uintptr_t from = 0, to = 0;
      char dash = 0;
      if (std::istringstream range(line); range >> std::hex >> from >> dash >> to && dash == '-') {
        const auto at = reinterpret_cast<std::uintptr_t>(first_);
        inside = from <= at && at < to;
      } else if (inside && line.starts_with("AnonHugePages:")) {
        return std::atoll(line.c_str() + std::strlen("AnonHugePages:")) > 0;
      }
    }
    return false;
  }

 private:
  std::size_t mapped_;
  void* memory_ = nullptr;
  unsigned char* first_ = nullptr;
};

/// Seconds of one read: each address depends on what the read before it gave, so that they can't overlap. The order is
/// that of a full-period linear congruential generator over the lines, which visits each once and defeats prefetching.
double read_s(const unsigned char* memory, std::size_t lines) {
  constexpr std::size_t kReads = 200'000;
  std::size_t line = 0;
  const double begin = now_s();
  for (std::size_t i = 0; i < kReads; ++i) {
    line = (line * 1'664'525 + 1'013'904'223 + memory[line * kLine]) & (lines - 1);
  }
  const double took_s = (now_s() - begin) / kReads;
  __asm__ volatile("" : : "r"(line));  // the chain's end is used: the loop can't be left out
  return took_s;
}

double median(std::vector<double> xs) {
  std::nth_element(xs.begin(), xs.begin() + static_cast<std::ptrdiff_t>(xs.size() / 2), xs.end());
  return xs[xs.size() / 2];
}

}  // namespace

Result<PageCosts> measure_pages(std::size_t bytes, int repetitions) {
  std::size_t lines = 1;  // a power of two, for the generator's full period
  while (lines * 2 * kLine <= bytes) lines *= 2;
  std::vector<double> small, huge;
  PageCosts costs;
  for (int i = 0; i < 2 * repetitions; ++i) {
    const bool is_huge = i % 4 == 1 || i % 4 == 2;  // small huge huge small: drift cancels
    const Pages pages(lines * kLine, is_huge);
    if (!pages.first()) return Error{fmt::format("{} bytes of memory can't be had", lines * kLine + kHugePage)};
    (is_huge ? huge : small).push_back(read_s(pages.first(), lines));
    if (is_huge) costs.granted = pages.is_huge();
  }
  costs.small_s = median(small);
  costs.huge_s = median(huge);
  return costs;
}

}  // namespace assay::hardware
