// Which rows of C one iteration computes (README.md, "Row sampling"). python_rung.py and MatmulLadder.java
// hold the same rule; tests/suites holds them to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace matmul_ladder {

inline constexpr std::int64_t kFewestRows = 5;  // fewer say too little about the spread between rows

inline double flop_of(std::int64_t n) {
  const auto side = static_cast<double>(n);
  return 2.0 * side * side * side;
}

/// All n rows, or a spread sample of them: `sample_rows` (at least 5) rows, rounded up to a multiple of
/// `together`, the rows that are computed at the same time. All, if a sample isn't asked for (`sample_rows`
/// 0), isn't possible (`sampled_above_flop` 0), isn't needed (the product has no more FLOP than that) or
/// would save nothing.
inline std::vector<int> rows_to_compute(int n, std::int64_t sample_rows, double sampled_above_flop,
                                        int together) {
  std::int64_t count = n;
  if (sample_rows > 0 && sampled_above_flop > 0 && flop_of(n) > sampled_above_flop) {
    const std::int64_t wanted = std::max(kFewestRows, std::min<std::int64_t>(sample_rows, n));
    count = std::min<std::int64_t>(n, (wanted + together - 1) / together * together);
  }
  std::vector<int> rows(static_cast<std::size_t>(count));
  for (std::int64_t t = 0; t < count; ++t) {  // the middles of `count` equal parts of 0 … n−1
    rows[static_cast<std::size_t>(t)] = static_cast<int>((2 * t + 1) * n / (2 * count));
  }
  return rows;
}

}  // namespace matmul_ladder
