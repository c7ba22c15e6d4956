// A and B from a seed: the same numbers in C++, Python and Java (README.md, "Inputs").
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace matmul_ladder {

/// Element `index` of the stream: uniform on the multiples of 2^-52 in [-1, 1). Element t of A is index t,
/// element t of B is index n² + t. SplitMix64 (Steele, Lea & Flood 2014) at a position, so that rows can be
/// made alone.
inline double input(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-52 - 1.0;  // both steps are exact
}

struct Free {
  void operator()(double* block) const { std::free(block); }
};

/// n×n doubles, row-major, on a cache line's boundary in every process: alignment is no hidden factor.
using Matrix = std::unique_ptr<double[], Free>;

inline Matrix new_matrix(int n) {
  const std::size_t bytes = static_cast<std::size_t>(n) * static_cast<std::size_t>(n) * sizeof(double);
  auto* block = static_cast<double*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (!block) throw std::bad_alloc();
  return Matrix(block);
}

struct Inputs {
  Matrix a;
  Matrix b;
};

inline Inputs make_inputs(int n, std::uint64_t seed) {
  Inputs inputs{new_matrix(n), new_matrix(n)};
  const auto elements = static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(n);
  for (std::uint64_t t = 0; t < elements; ++t) inputs.a[t] = input(seed, t);
  for (std::uint64_t t = 0; t < elements; ++t) inputs.b[t] = input(seed, elements + t);
  return inputs;
}

}  // namespace matmul_ladder
