// The inner loops of bandwidth: read, write, copy, triad, one set per instruction set. They go through whole blocks of
// 512 bytes, in order, with the widest loads and stores there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::hardware {

inline constexpr std::size_t kBlockDoubles = 64;  // every length is a multiple; every address one of 64 bytes
inline constexpr double kTriadFactor = 3;

struct MemoryKernels {
  std::string_view isa;
  /// The sum of all words, modulo 2^64. Integers, since their additions wait for nothing and lose nothing.
  std::uint64_t (*read)(const std::uint64_t* x, std::size_t n) = nullptr;
  void (*write)(double* x, std::size_t n, double value) = nullptr;
  void (*copy)(double* to, const double* from, std::size_t n) = nullptr;
  /// a = b + 3·c
  void (*triad)(double* a, const double* b, const double* c, std::size_t n) = nullptr;
  /// The same past the caches: a line that is written whole need not be read first. The plain ones where there is no way.
  void (*stream_write)(double* x, std::size_t n, double value) = nullptr;
  void (*stream_copy)(double* to, const double* from, std::size_t n) = nullptr;
  void (*stream_triad)(double* a, const double* b, const double* c, std::size_t n) = nullptr;
};

/// Those that were compiled in and that this processor can run, best first.
std::vector<MemoryKernels> usable_memory_kernels();

}  // namespace assay::hardware
