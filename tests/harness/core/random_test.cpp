#include "harness/core/random.hpp"

#include <array>
#include <numeric>
#include <set>
#include <vector>

#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("SplitMix64 gives the published sequence of seed 1234567") {
  // The reference implementation's first outputs (Vigna, prng.di.unimi.it/splitmix64.c; also Rosetta Code).
  Random random(1234567);
  for (const std::uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                                       4593380528125082431ULL, 16408922859458223821ULL}) {
    CHECK(random.next() == expected);
  }
}

TEST_CASE("the same seed, purpose and round give the same stream; any other gives another") {
  CHECK(stream_seed(585, "order", 3) == stream_seed(585, "order", 3));
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t seed : {0, 1, 585}) {
    for (const char* purpose : {"order", "padding", "seed"}) {
      for (const std::uint64_t index : {0, 1, 2}) seeds.insert(stream_seed(seed, purpose, index));
    }
  }
  CHECK(seeds.size() == 27);
}

TEST_CASE("a shuffle is a permutation, and the same one on every machine") {
  std::array<int, 8> order{};
  std::iota(order.begin(), order.end(), 0);
  Random(stream_seed(585, "order", 1)).shuffle(std::span<int>(order));
  CHECK(std::set<int>(order.begin(), order.end()).size() == 8);
  std::array<int, 8> again{};
  std::iota(again.begin(), again.end(), 0);
  Random(stream_seed(585, "order", 1)).shuffle(std::span<int>(again));
  CHECK(order == again);
}

TEST_CASE("below() reaches every value equally often") {
  // Chi-squared with 6 degrees of freedom: 22.5 is the 99.9 % quantile; the seed is fixed.
  constexpr int kDraws = 70'000;
  std::array<int, 7> counts{};
  Random random(42);
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(7)];
  double chi_squared = 0;
  for (const int count : counts) chi_squared += (count - kDraws / 7.0) * (count - kDraws / 7.0) / (kDraws / 7.0);
  CHECK(chi_squared < 22.5);
}

TEST_CASE("every order of three comes up equally often from shuffle()") {
  std::vector<int> counts(27, 0);
  Random random(7);
  constexpr int kDraws = 12'000;
  for (int i = 0; i < kDraws; ++i) {
    std::array<int, 3> x{0, 1, 2};
    random.shuffle(std::span<int>(x));
    ++counts[static_cast<std::size_t>(9 * x[0] + 3 * x[1] + x[2])];
  }
  double chi_squared = 0;  // 5 degrees of freedom: 20.5 at 99.9 %
  int seen = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++seen;
    chi_squared += (count - kDraws / 6.0) * (count - kDraws / 6.0) / (kDraws / 6.0);
  }
  CHECK(seen == 6);
  CHECK(chi_squared < 20.5);
}

TEST_CASE("uniform() stays in [0, 1)") {
  Random random(1);
  double least = 1, most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double u = random.uniform();
    least = std::min(least, u);
    most = std::max(most, u);
  }
  CHECK(least >= 0);
  CHECK(most < 1);
  CHECK(least < 0.01);
  CHECK(most > 0.99);
}
