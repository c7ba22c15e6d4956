// The seeded generator of this room's resampling. Statistics include std and Boost.Math only, and std's own
// engines leave the distributions to the library, so that the same seed would give other bytes elsewhere.
//
//     SplitMix64 draws(585);
//     const std::uint64_t picked = draws.below(n);
#pragma once

#include <cstdint>

namespace assay::stats {

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014). Any seed is good.
class SplitMix64 {
public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound), bound > 0, without modulo bias.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t reject = (0 - bound) % bound;  // 2^64 mod bound
    std::uint64_t x = next();
    while (x < reject) x = next();
    return x % bound;
  }
  /// Uniform in [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

private:
  std::uint64_t state_;
};

}  // namespace assay::stats
