// Stored values are SI base units; they are scaled only here, when printed.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// A unit scaled for reading: `value` in base units times `factor` is in `unit`.
struct ScaledUnit {
  double factor = 1;
  std::string unit;
};

/// The prefix that shows `value` with one to three digits before the point: 0.0031 s → {1e3, "ms"};
/// B and FLOP/s alike in powers of 1000; a "ratio", "1" or unknown unit is left alone.
ScaledUnit scale_for(double value, std::string_view unit);

/// `digits` significant digits, never an exponent between 1e-4 and 1e15, C locale: 3.14, 0.00912, 62800.
std::string significant(double value, int digits = 3);
/// With thousands separated: 62,806.
std::string grouped(double value, int digits = 3);

/// "3.10 ms", "102 GFLOP/s", "0.991" (ratio).
std::string with_unit(double value, std::string_view unit, int digits = 3);

/// "45 s", "3 min 20 s", "2 h 05 min": for plans and progress.
std::string duration_text(double seconds);

/// `value` rounded to 10 significant digits: what every derived number goes through before it is
/// written, so that the last bits of a different libm can't change a file.
double stored(double value);

}  // namespace assay
