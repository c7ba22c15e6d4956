// Numbers as they are printed: as many digits as the interval supports, one unit for value and bounds.
//
//     const Printed p = print({0.00231, {{0.00225, 0.00238}}}, "s");
//     p.value == "2.31 ms"   p.interval == "[2.25, 2.38]"
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/metric.hpp"
#include "harness/stats/estimate.hpp"

namespace assay::reports {

/// A value with its 95 % interval, in base units or as a ratio. No interval: too few rounds, or nothing to
/// tell.
struct Number {
  double value = 0;
  std::optional<stats::Interval> interval;
};

Number number_of(const stats::Estimate& estimate);
/// 1 / x, the bounds swapped: from the ratio of times to a speedup. Requires value and bounds > 0.
Number inverse(const Number& number);
/// `number` × `factor`, factor > 0.
Number scaled(const Number& number, double factor);
/// factor / x: from a time to a rate. Requires value and bounds > 0.
Number rate_from_time(double work, const Number& time);

/// Decimals after which digits of `number` are noise: the first significant digit of the half-width, but at
/// least two significant digits of the value and at most five. An exact value (interval of width 0) is shown
/// whole, up to six digits. Negative: tens, hundreds, …
int decimals_of(const Number& number);
/// `value` rounded to `decimals` (may be negative), thousands separated by commas; exponent beyond 1e15 and
/// below 1e-4.
std::string with_decimals(double value, int decimals);

struct Printed {
  std::string value;     // with its unit: "2.31 ms", "98.4 %", "0.52"
  std::string number;    // without
  std::string unit;      // "ms", "%", or empty
  std::string interval;  // "[2.25, 2.38]", or empty
  std::string range;     // "2.25–2.38", or empty: for sentences
  bool exact = false;    // an interval of width 0, which isn't printed
};

/// Scales by SI prefix; proportions (unit `ratio`) are shown in per cent.
Printed print(const Number& number, std::string_view unit, Kind kind = Kind::time);
/// The same of a difference of two such values: between proportions it is in percentage points.
Printed print_difference(const Number& difference, std::string_view unit, Kind kind);
/// A plain ratio or count: no unit, no scaling.
Printed print_ratio(const Number& number);
/// A count: "12.0", "1,234", from a million on "2.68 G".
Printed print_count(const Number& number);
/// A ratio of 1 as 100 %.
Printed print_percent(const Number& number);

/// Column width of UTF-8 text on a terminal: code points, of which combining ones count 0. Wide (CJK) ones
/// count 2.
int display_width(std::string_view text);

/// "treatment" → "3 treatments", "1 treatment".
std::string counted(long long n, std::string_view noun);

}  // namespace assay::reports
