#include "hardware/cpu/yardstick.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace assay::hardware {

namespace {

double seconds_of(std::int64_t steps) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  volatile std::uint64_t result = run_yardstick(kYardstickStart, steps);
  (void)result;
  return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

std::uint64_t yardstick_after(std::uint64_t x, std::int64_t steps) {
  std::uint64_t multiplier = kYardstickMultiplier;  // of the map that does 2^i steps
  std::uint64_t increment = kYardstickIncrement;
  for (auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(0, steps)); left > 0; left >>= 1) {
    if (left & 1) x = multiplier * x + increment;
    increment = multiplier * increment + increment;
    multiplier = multiplier * multiplier;
  }
  return x;
}

std::int64_t yardstick_steps_in(double seconds) {
  constexpr std::int64_t kWhole = 1000;
  std::int64_t tried = kWhole;
  double took = seconds_of(tried);
  while (took < seconds / 4 && tried < (std::int64_t{1} << 50)) took = seconds_of(tried *= 2);
  std::array<double, 9> timings{};
  for (double& timing : timings) timing = seconds_of(tried);
  std::nth_element(timings.begin(), timings.begin() + timings.size() / 2, timings.end());
  const double step_s = std::max(1e-12, timings[timings.size() / 2] / static_cast<double>(tried));
  return std::max<std::int64_t>(kWhole, std::llround(seconds / step_s / double{kWhole}) * kWhole);
}

std::int64_t planted_steps(std::int64_t steps, double ratio) {
  return std::llround(static_cast<double>(steps) * ratio);
}

}  // namespace assay::hardware
