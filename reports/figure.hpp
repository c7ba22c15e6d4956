// One figure a run, as gnuplot script and CSV: values with intervals on one axis, a row a treatment, no lines
// between categories. gnuplot itself is run by draw().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace assay::reports {

struct Figure {
  std::string name;  // "ladder" or "comparison": of its four files
  std::string csv;
  std::string script;   // names its files without a folder: it is run beside them
  std::string caption;  // what is shown, the trend, the legend
};

/// Those of a report, in its order: the ladder or the comparison, the roofline.
std::vector<Figure> figures_of(const Report& report);

/// Nothing where fewer than two rows have a value.
std::optional<Figure> figure_of_values(const Report& report);

/// Nothing where no treatment tells of its FLOP and bytes, or no peak rode along.
std::optional<Figure> roofline_figure(const Report& report);

}  // namespace assay::reports
