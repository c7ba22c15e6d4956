#include "hardware/cpu/clock_resolution.hpp"

#include <algorithm>
#include <limits>

namespace assay::hardware {

ClockResolution measure_clock() {
  constexpr int kRuns = 50;
  constexpr int kReadings = 1000;  // a run of about 25 µs: most of them meet no interrupt
  std::int64_t tick = std::numeric_limits<std::int64_t>::max();
  std::int64_t cheapest = std::numeric_limits<std::int64_t>::max();
  for (int run = 0; run < kRuns; ++run) {
    const std::int64_t began = monotonic_ns();
    std::int64_t before = began;
    for (int i = 0; i < kReadings; ++i) {
      const std::int64_t after = monotonic_ns();
      if (after > before) tick = std::min(tick, after - before);
      before = after;
    }
    cheapest = std::min(cheapest, before - began);
  }
  if (tick == std::numeric_limits<std::int64_t>::max()) {  // a clock coarser than a run: wait for one tick
    const std::int64_t before = monotonic_ns();
    std::int64_t after = before;
    while (after == before) after = monotonic_ns();
    tick = after - before;
  }
  timespec reported{};
  ::clock_getres(CLOCK_MONOTONIC, &reported);
  return {.reported_s = static_cast<double>(reported.tv_sec) + static_cast<double>(reported.tv_nsec) * 1e-9,
          .tick_s = static_cast<double>(tick) * 1e-9,
          .cost_s = static_cast<double>(cheapest) * 1e-9 / kReadings};
}

Json to_json(const ClockResolution& clock) {
  return {{"reported_s", clock.reported_s}, {"tick_s", clock.tick_s}, {"cost_s", clock.cost_s}};
}

}  // namespace assay::hardware
