// Work of which exactly so much is done as was asked for: what a machine's comparisons are tried on. A chain of integer
// multiplications and additions, each of which waits for the one before: no vector unit, no memory, no library that
// could choose another path on the other side.
//
//     const std::int64_t steps = yardstick_steps_in(1e-3);            // once; then both sides are told the same number
//     const std::uint64_t x = run_yardstick(kYardstickStart, steps);  // time this
//     x == yardstick_after(kYardstickStart, steps)                    // and check it, in no time
#pragma once

#include <cstdint>

namespace assay::hardware {

// Of Knuth's 64-bit linear congruential generator (MMIX).
inline constexpr std::uint64_t kYardstickMultiplier = 6364136223846793005ULL;
inline constexpr std::uint64_t kYardstickIncrement = 1442695040888963407ULL;
inline constexpr std::uint64_t kYardstickStart = 585;

/// The state `steps` steps after `x`, one by one.
inline std::uint64_t run_yardstick(std::uint64_t x, std::int64_t steps) {
  for (; steps > 0; --steps) {
    x = x * kYardstickMultiplier + kYardstickIncrement;
    asm volatile("" : "+r"(x));  // no step may be left out, or two done as one
  }
  return x;
}

/// The same in log₂(steps) squarings of the step as an affine map: no loop in common with what it judges.
std::uint64_t yardstick_after(std::uint64_t x, std::int64_t steps);

/// Steps that take about `seconds` on the CPU that this runs on now, in whole thousands, so that a planted ratio of three
/// decimals is exact. Takes about ten times as long. Median of nine timings.
std::int64_t yardstick_steps_in(double seconds);

/// `ratio` × `steps` to the nearest step.
std::int64_t planted_steps(std::int64_t steps, double ratio);

}  // namespace assay::hardware
