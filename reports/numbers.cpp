#include "reports/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "harness/core/units.hpp"

namespace assay::reports {

namespace {

constexpr int kFewestDigits = 2;
constexpr int kMostDigits = 5;
constexpr int kDigitsWithoutInterval = 3;
constexpr int kMostDigitsOfExact = 6;
constexpr int kDigitsOfEndless = 4;  // 142 of 150

/// Position of the first significant digit: 0 for 1…9, 1 for 10…99, −1 for 0.1…0.9.
int magnitude(double x) {
  return static_cast<int>(std::floor(std::log10(std::fabs(x)) + 1e-12));
}

bool is_exact(const Number& number) {
  return number.interval && !(number.interval->half_width() > 0);
}

/// As many decimals as it takes to write the value whole, if that can be done.
int decimals_of_exact(double value) {
  if (value == std::round(value)) return 0;
  for (int digits = 1; digits <= kMostDigitsOfExact; ++digits) {
    const int decimals = digits - 1 - magnitude(value);
    const double unit = std::pow(10.0, -decimals);
    // 10⁻⁹: what is left of 0.9911 · 100 − 99.11 is rounding.
    if (std::fabs(std::round(value / unit) * unit - value) <= 1e-9 * std::fabs(value)) return decimals;
  }
  return kDigitsOfEndless - 1 - magnitude(value);
}

Printed print_scaled(const Number& number, double factor, std::string unit) {
  const Number shown = scaled(number, factor);
  const int decimals = decimals_of(shown);
  Printed printed;
  printed.number = with_decimals(shown.value, decimals);
  printed.unit = std::move(unit);
  printed.value = printed.unit.empty() ? printed.number : fmt::format("{} {}", printed.number, printed.unit);
  printed.exact = is_exact(shown);
  if (shown.interval && !printed.exact) {
    const std::string low = with_decimals(shown.interval->low, decimals);
    const std::string high = with_decimals(shown.interval->high, decimals);
    printed.interval = fmt::format("[{}, {}]", low, high);
    // An en dash between negative numbers would read as a third minus.
    printed.range = low + (shown.interval->low < 0 ? " to " : "–") + high;
  }
  return printed;
}

}  // namespace

Number number_of(const stats::Estimate& estimate) {
  return {estimate.value, estimate.interval};
}

Number inverse(const Number& number) {
  return rate_from_time(1, number);
}

Number scaled(const Number& number, double factor) {
  Number result{number.value * factor, std::nullopt};
  if (number.interval) result.interval = {number.interval->low * factor, number.interval->high * factor};
  return result;
}

Number rate_from_time(double work, const Number& time) {
  Number result{work / time.value, std::nullopt};
  if (time.interval) result.interval = {work / time.interval->high, work / time.interval->low};
  return result;
}

int decimals_of(const Number& number) {
  if (!std::isfinite(number.value)) return 0;
  const double half = number.interval ? number.interval->half_width() : 0;
  if (number.value == 0) return half > 0 ? -magnitude(half) : 0;
  if (is_exact(number)) return std::max(0, decimals_of_exact(number.value));
  const int first = magnitude(number.value);
  if (!(half > 0) || !std::isfinite(half)) return kDigitsWithoutInterval - 1 - first;
  // Of a value inside its own noise, the digits that count are the noise's.
  const int leading = std::max(first, magnitude(half));
  return std::clamp(-magnitude(half), kFewestDigits - 1 - leading, kMostDigits - 1 - leading);
}

std::string with_decimals(double value, int decimals) {
  if (!std::isfinite(value)) return "n/a";
  const double size = std::fabs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4 && decimals > 6)) {
    return fmt::format("{:.{}e}", value, std::clamp(decimals + magnitude(value), 1, kMostDigits - 1));
  }
  double rounded = value;
  if (decimals < 0) {
    const double step = std::pow(10.0, -decimals);
    rounded = std::round(value / step) * step;
  }
  std::string text = fmt::format("{:.{}f}", rounded, std::max(0, decimals));
  if (text.starts_with('-') && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  const std::size_t end = std::min(text.find('.'), text.size());
  for (std::size_t i = end; i > start + 3; i -= 3) text.insert(i - 3, 1, ',');
  if (start == 1) text.replace(0, 1, "−");
  return text;
}

Printed print(const Number& number, std::string_view unit, Kind kind) {
  if (kind == Kind::proportion && unit == "ratio") return print_percent(number);
  const ScaledUnit scale = scale_for(number.value, unit);
  const bool bare = scale.unit == "ratio" || scale.unit == "1";
  return print_scaled(number, scale.factor, bare ? std::string() : scale.unit);
}

Printed print_difference(const Number& difference, std::string_view unit, Kind kind) {
  Printed printed = print(difference, unit, kind);
  if (printed.unit == "%") {
    printed.unit = "pp";
    printed.value = printed.number + " pp";
  }
  return printed;
}

Printed print_ratio(const Number& number) {
  return print_scaled(number, 1, "");
}

Printed print_count(const Number& number) {
  constexpr double kMillion = 1e6;
  const bool whole =
      !number.interval && number.value == std::round(number.value);  // one process's: its own digits
  if (number.value < kMillion)
    return print_scaled(whole ? Number{number.value, stats::Interval{number.value, number.value}} : number, 1,
                        "");
  const ScaledUnit scale = scale_for(number.value, "B");  // which has the prefixes of large numbers
  return print_scaled(number, scale.factor, scale.unit.substr(0, 1));
}

Printed print_percent(const Number& number) {
  return print_scaled(number, 100, "%");
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (int k = 1; k < length && i + static_cast<std::size_t>(k) < text.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0x3fu);
    }
    const bool combining = point >= 0x300 && point < 0x370;
    const bool wide = (point >= 0x1100 && point < 0x1160) || (point >= 0x2e80 && point < 0xa4d0) ||
                      (point >= 0xac00 && point < 0xd7a4) || (point >= 0xff00 && point < 0xff61) ||
                      (point >= 0x1f300 && point < 0x1fb00);
    width += combining ? 0 : wide ? 2 : 1;
    i += static_cast<std::size_t>(length);
  }
  return width;
}

std::string counted(long long n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace assay::reports
