#include "cli/import_units.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "harness/core/printable.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t kLongestUnit = 24;  // bytes; as in an experiment file

struct Known {
  std::string_view unit, base;
  double multiply, divide;
};

constexpr std::array kKnown{
    Known{"s", "s", 1, 1},           Known{"sec", "s", 1, 1},          Known{"seconds", "s", 1, 1},
    Known{"ms", "s", 1, 1e3},        Known{"us", "s", 1, 1e6},         Known{"µs", "s", 1, 1e6},
    Known{"μs", "s", 1, 1e6},        Known{"ns", "s", 1, 1e9},         Known{"min", "s", 60, 1},
    Known{"h", "s", 3600, 1},        Known{"B", "B", 1, 1},            Known{"bytes", "B", 1, 1},
    Known{"kB", "B", 1e3, 1},        Known{"KB", "B", 1e3, 1},         Known{"MB", "B", 1e6, 1},
    Known{"GB", "B", 1e9, 1},        Known{"TB", "B", 1e12, 1},        Known{"KiB", "B", 1024, 1},
    Known{"MiB", "B", 1048576, 1},   Known{"GiB", "B", 1073741824, 1}, Known{"TiB", "B", 1099511627776, 1},
    Known{"ratio", "ratio", 1, 1},   Known{"%", "ratio", 1, 100},      Known{"percent", "ratio", 1, 100},
    Known{"J", "J", 1, 1},           Known{"mJ", "J", 1, 1e3},         Known{"uJ", "J", 1, 1e6},
    Known{"µJ", "J", 1, 1e6},        Known{"kJ", "J", 1e3, 1},         Known{"Wh", "J", 3600, 1},
    Known{"kWh", "J", 3.6e6, 1},     Known{"W", "W", 1, 1},            Known{"mW", "W", 1, 1e3},
    Known{"kW", "W", 1e3, 1},        Known{"Hz", "Hz", 1, 1},          Known{"kHz", "Hz", 1e3, 1},
    Known{"MHz", "Hz", 1e6, 1},      Known{"GHz", "Hz", 1e9, 1},       Known{"FLOP", "FLOP", 1, 1},
    Known{"MFLOP", "FLOP", 1e6, 1},  Known{"GFLOP", "FLOP", 1e9, 1},   Known{"TFLOP", "FLOP", 1e12, 1},
    Known{"FLOPS", "FLOP/s", 1, 1},  Known{"MFLOPS", "FLOP/s", 1e6, 1}, Known{"GFLOPS", "FLOP/s", 1e9, 1},
    Known{"TFLOPS", "FLOP/s", 1e12, 1}, Known{"1", "1", 1, 1},         Known{"count", "1", 1, 1},
    Known{"fps", "frames/s", 1, 1},  Known{"it/s", "iterations/s", 1, 1}, Known{"qps", "queries/s", 1, 1}};

UnitScale single(std::string_view unit) {
  for (const Known& known : kKnown) {
    if (known.unit == unit) return {std::string(known.base), known.multiply, known.divide};
  }
  return {std::string(unit), 1, 1};
}

bool is_known(std::string_view unit) {
  for (const Known& known : kKnown) {
    if (known.unit == unit) return true;
  }
  return false;
}

}  // namespace

Result<UnitScale> base_unit(std::string_view unit) {
  const auto wrong = [&] {
    return Error{fmt::format("'{}' is no unit; write a short one, e.g. ms, s, MB, %, GFLOP/s, images/s, or 1 of a count", printable(unit))};
  };
  if (unit.empty() || unit.size() > kLongestUnit || !unprintable_in(unit).empty()) return wrong();
  const std::size_t slash = unit.find('/');
  if (is_known(unit) || slash == std::string_view::npos) return single(unit);
  const std::string_view below = unit.substr(slash + 1);
  if (slash == 0 || below.empty() || below.find('/') != std::string_view::npos) return wrong();
  const UnitScale of = single(unit.substr(0, slash)), per = single(below);
  return UnitScale{of.base + "/" + per.base, of.multiply * per.divide, of.divide * per.multiply};
}

}  // namespace assay::cli
