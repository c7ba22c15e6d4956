#include "harness/core/statistic.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace assay {

std::optional<double> percentile_of(std::string_view statistic) {
  if (!statistic.starts_with('p') || statistic.size() > 10) return std::nullopt;
  double percent = 0;
  const char* end = statistic.data() + statistic.size();
  const auto [stopped, failure] = std::from_chars(statistic.data() + 1, end, percent, std::chars_format::fixed);
  if (failure != std::errc() || stopped != end || !(percent > 0 && percent < 100)) return std::nullopt;
  return percent / 100;
}

bool is_statistic(std::string_view name) {
  return name == "typical" || name == "mean" || name == "median" || percentile_of(name);
}

std::int64_t samples_needed(double p) {
  // 1 − 0.999 is a little above 0.001 in binary, or a little below: neither may cost or save a sample.
  const auto beyond = [](double share) { return static_cast<std::int64_t>(std::ceil(10 / share * (1 - 1e-9))); };
  return std::max(beyond(1 - p), beyond(p));
}

}  // namespace assay
