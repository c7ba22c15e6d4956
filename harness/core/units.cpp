#include "harness/core/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace assay {

namespace {

struct Prefix {
  double factor;
  std::string_view letter;
};
constexpr std::array<Prefix, 9> kPrefixes{
    {{1e-12, "T"}, {1e-9, "G"}, {1e-6, "M"}, {1e-3, "k"}, {1, ""}, {1e3, "m"}, {1e6, "µ"}, {1e9, "n"}, {1e12, "p"}}};

bool takes_prefix(std::string_view unit) {
  return unit == "s" || unit == "J" || unit == "W" || unit == "Hz" || unit == "B" || unit == "FLOP" ||
         unit == "FLOP/s" || unit == "B/s";
}

}  // namespace

ScaledUnit scale_for(double value, std::string_view unit) {
  const double magnitude = std::fabs(value);
  if (!takes_prefix(unit) || !(magnitude > 0) || !std::isfinite(magnitude)) return {1, std::string(unit)};
  const bool only_large = unit == "B" || unit == "FLOP" || unit == "FLOP/s" || unit == "B/s";
  for (const auto& [factor, letter] : kPrefixes) {
    if (unit == "s" && factor < 1) continue;      // nobody reads kiloseconds
    if (only_large && factor > 1) break;          // nor millibytes
    if (magnitude * factor >= 0.9995) return {factor, fmt::format("{}{}", letter, unit)};
  }
  return only_large ? ScaledUnit{1, std::string(unit)} : ScaledUnit{1e12, fmt::format("p{}", unit)};
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return "n/a";
  if (value == 0) return "0";
  const double magnitude = std::fabs(value);
  if (magnitude < 1e-4 || magnitude >= 1e15) return fmt::format("{:.{}e}", value, digits - 1);
  // Round first: 9.996 with three digits is 10.0, one digit more before the point.
  const double rounded = std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
  const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(rounded)) + 1e-12));
  return fmt::format("{:.{}f}", rounded, std::max(0, digits - 1 - exponent));
}

std::string grouped(double value, int digits) {
  std::string text = significant(value, digits);
  const std::size_t end = std::min(text.find('.'), text.size());
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  if (text.find('e') != std::string::npos || end < start + 4) return text;
  for (std::size_t i = end - 3; i > start; i -= std::min<std::size_t>(3, i)) text.insert(i, 1, ',');
  return text;
}

std::string with_unit(double value, std::string_view unit, int digits) {
  const ScaledUnit scaled = scale_for(value, unit);
  const std::string number = significant(value * scaled.factor, digits);
  return scaled.unit == "ratio" || scaled.unit == "1" || scaled.unit.empty()
             ? number
             : fmt::format("{} {}", number, scaled.unit);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

double stored(double value) {
  if (!std::isfinite(value)) return value;
  return std::strtod(fmt::format("{:.9e}", value).c_str(), nullptr);
}

}  // namespace assay
