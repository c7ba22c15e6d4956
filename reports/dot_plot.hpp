// Values with intervals on one axis, a row each, no lines between: the picture of a ladder and of a comparison.
//
//     return dot_plot("comparison", rows, axis, "time_s of each treatment; …");
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/figure.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

struct DotRow {
  std::string label;
  std::optional<Number> value;  // on the axis
  std::string text;             // beside the point; the outcome where there is no value
  bool hollow = false;          // modelled or imported
  std::optional<double> published;
};

struct DotAxis {
  std::string title;
  std::optional<Number> limit;  // a line: the peak, or a single baseline
  std::string limit_label;
  std::string_view hollow = "modelled";  // what hollow points are, and
  std::string_view filled = "measured";  // the others
};

/// Largest over smallest is kLogarithmicFrom or more: the title has to say so.
bool is_logarithmic(const std::vector<DotRow>& rows, const DotAxis& axis);

int with_value(const std::vector<DotRow>& rows);

Figure dot_plot(const std::string& name, const std::vector<DotRow>& rows, const DotAxis& axis, std::string caption);

}  // namespace assay::reports
