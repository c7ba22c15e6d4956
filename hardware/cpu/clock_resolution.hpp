// What the clock that times every block can resolve, and what reading it costs.
#pragma once

#include <time.h>

#include <cstdint>

#include "harness/core/json.hpp"

namespace assay::hardware {

/// CLOCK_MONOTONIC. In the header, since loops that look for gaps are made of it.
inline std::int64_t monotonic_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Of CLOCK_MONOTONIC, in seconds.
struct ClockResolution {
  double reported_s = 0;  // what clock_getres claims (1 ns on Linux, whatever the hardware does)
  double tick_s = 0;      // the smallest difference above 0 that was seen between readings
  double cost_s = 0;      // of one reading: the smallest mean over short runs
};

/// Takes about 2 ms. A tick under the cost of a reading can't be seen: `tick_s` is then about the cost.
ClockResolution measure_clock();

/// {"reported_s":…,"tick_s":…,"cost_s":…}
Json to_json(const ClockResolution& clock);

}  // namespace assay::hardware
