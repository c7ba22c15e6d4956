// The units that people's files have, and the base units in which Assay stores.
//
//     const auto ms = base_unit("ms");       // {"s", 1, 1000}
//     ms->of(12.5) == 0.0125
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay::cli {

struct UnitScale {
  std::string base;     // "s", "B", "ratio", "FLOP/s", "images/s", "1"
  double multiply = 1;
  double divide = 1;    // apart, because 1/1000 is no double

  double of(double value) const { return value * multiply / divide; }
};

/// Of times, sizes, shares, energy, power, frequency and FLOP with their prefixes; of a quotient ("GB/s", "ms/image",
/// "images/min") both parts. Another word is its own base unit ("tokens"). An Error says what is wrong with the unit.
Result<UnitScale> base_unit(std::string_view unit);

}  // namespace assay::cli
