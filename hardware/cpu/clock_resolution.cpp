#include "hardware/cpu/clock_resolution.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace assay::hardware {

namespace {

std::int64_t now_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

ClockResolution measure_clock() {
  constexpr int kRuns = 50;
  constexpr int kReadings = 1000;  // a run of about 25 µs: most of them meet no interrupt
  std::int64_t tick = std::numeric_limits<std::int64_t>::max();
  std::int64_t cheapest = std::numeric_limits<std::int64_t>::max();
  for (int run = 0; run < kRuns; ++run) {
    const std::int64_t began = now_ns();
    std::int64_t before = began;
    for (int i = 0; i < kReadings; ++i) {
      const std::int64_t after = now_ns();
      if (after > before) tick = std::min(tick, after - before);
      before = after;
    }
    cheapest = std::min(cheapest, before - began);
  }
  if (tick == std::numeric_limits<std::int64_t>::max()) {  // a clock coarser than a run: wait for one tick
    const std::int64_t before = now_ns();
    std::int64_t after = before;
    while (after == before) after = now_ns();
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
