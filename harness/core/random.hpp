// Our own seeded generator: the same seed gives the same schedule and the same resamples with every
// compiler and standard library (std::shuffle and std::uniform_int_distribution promise neither).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace assay {

/// SplitMix64 (Steele, Lea & Flood 2014): passes BigCrush, one word of state, any seed is good.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

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

  template <class T>
  void shuffle(std::span<T> xs) {
    for (std::size_t i = xs.size(); i > 1; --i) std::swap(xs[i - 1], xs[below(i)]);
  }

 private:
  std::uint64_t state_;
};

/// An independent stream for each purpose and round: `Random(stream_seed(585, "order", round))`.
inline std::uint64_t stream_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0) {
  std::uint64_t h = 0xcbf29ce484222325ULL;  // FNV-1a over the purpose
  for (const char c : purpose) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Random(seed ^ Random(h ^ Random(index).next()).next()).next();
}

}  // namespace assay
