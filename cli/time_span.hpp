// How long something may take, as it is written on a command line.
//
//     seconds_in("5m")     // 300
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay::cli {

/// "60", "60s", "5m", "1.5h" → seconds, above 0 and at most a week.
inline Result<double> seconds_in(std::string_view text) {
  const Error wrong{fmt::format("'{}' is no time; give seconds or a number with its unit, e.g. 60s, 5m, 1h", text)};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return wrong;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  double factor = 1;
  if (unit == "m" || unit == "min") {
    factor = 60;
  } else if (unit == "h") {
    factor = 3600;
  } else if (!unit.empty() && unit != "s") {
    return wrong;
  }
  constexpr double kWeek_s = 7 * 86400;
  if (!(value * factor > 0 && value * factor <= kWeek_s)) return wrong;
  return value * factor;
}

}  // namespace assay::cli
