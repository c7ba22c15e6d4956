// What decides how fast the processor's clock runs: governor, limits, turbo, the power that feeds it, heat.
#pragma once

#include <filesystem>

#include "harness/core/json.hpp"

namespace assay::hardware {

/// Adds governor, frequency_min_hz, frequency_max_hz (what the governor may choose), frequency_hardware_max_hz,
/// frequency_now_hz (the fastest CPU's), turbo, power_source ("mains", "battery"), battery_ratio, power_profile,
/// thermal_throttle_count (since boot, over all CPUs).
void add_clock_rate(const std::filesystem::path& root, Json& facts);

}  // namespace assay::hardware
