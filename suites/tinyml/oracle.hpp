// The product that every rung on the device is held against, as plainly as it can be said. Shares no code with what it judges.
#pragma once

#include <cstdint>
#include <vector>

namespace tinyml {

/// The 2n² operands that the device makes from `seed` > 0: xorshift32's lowest bytes (Marsaglia, Xorshift RNGs, 2003), A before B.
inline std::vector<int> operands(int n, std::uint32_t seed) {
  std::vector<int> all;
  std::uint32_t state = seed;
  for (int t = 0; t < 2 * n * n; ++t) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    const int byte = static_cast<int>(state & 0xFF);
    all.push_back(byte < 128 ? byte : byte - 256);
  }
  return all;
}

/// C[n×n] = A·B, row-major.
inline std::vector<std::int64_t> product(int n, const std::vector<int>& a_and_b) {
  std::vector<std::int64_t> c;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      std::int64_t sum = 0;
      for (int k = 0; k < n; ++k) sum += static_cast<std::int64_t>(a_and_b[static_cast<std::size_t>(i * n + k)]) * a_and_b[static_cast<std::size_t>(n * n + k * n + j)];
      c.push_back(sum);
    }
  }
  return c;
}

}  // namespace tinyml
