// A and B from a seed: the same numbers in C++, Python and Java (README.md, "Inputs").
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>

namespace matmul_ladder {

/// Element `index` of the stream: uniform on the multiples of 2^-52 (double) or 2^-23 (float) in [-1, 1). Element t of A
/// is index t, element t of B is index n² + t. SplitMix64 (Steele, Lea & Flood 2014) at a position, so that rows can be
/// made alone.
template <class Element>
Element input(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  constexpr int kBits = std::numeric_limits<Element>::digits;  // 53 or 24: as many of z as an element holds
  return static_cast<Element>(z >> (64 - kBits)) * std::numeric_limits<Element>::epsilon() - 1;  // both steps are exact
}

struct Free {
  void operator()(void* block) const { std::free(block); }
};

/// n×n elements, row-major, on a cache line's boundary in every process: alignment is no hidden factor.
template <class Element>
using Matrix = std::unique_ptr<Element[], Free>;

template <class Element>
Matrix<Element> new_matrix(int n) {
  const std::size_t bytes = static_cast<std::size_t>(n) * static_cast<std::size_t>(n) * sizeof(Element);
  auto* block = static_cast<Element*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
  if (!block) throw std::bad_alloc();
  return Matrix<Element>(block);
}

template <class Element>
struct Inputs {
  Matrix<Element> a;
  Matrix<Element> b;
};

template <class Element>
Inputs<Element> make_inputs(int n, std::uint64_t seed) {
  Inputs<Element> inputs{new_matrix<Element>(n), new_matrix<Element>(n)};
  const auto elements = static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(n);
  for (std::uint64_t t = 0; t < elements; ++t) inputs.a[t] = input<Element>(seed, t);
  for (std::uint64_t t = 0; t < elements; ++t) inputs.b[t] = input<Element>(seed, elements + t);
  return inputs;
}

}  // namespace matmul_ladder
