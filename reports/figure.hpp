// A run's figures, as gnuplot script and CSV. gnuplot itself is run by draw().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/report.hpp"

namespace assay::reports {

struct Figure {
  std::string name;  // "ladder", "comparison", "trend", "throughput", "pareto", "tail" or "roofline": of its four files
  std::string csv;
  std::string script;   // names its files without a folder: it is run beside them
  std::string caption;  // what is shown, the trend, the legend
};

/// Those of a report, in its order: the ladder or the comparison, the trend, the throughput, accuracy against time, the tails, the roofline.
std::vector<Figure> figures_of(const Report& report);

/// Values with intervals on one axis, a row a treatment, no lines between categories. Nothing where fewer than two rows have a value.
std::optional<Figure> figure_of_values(const Report& report);

/// The first metric against a factor of at least three numbers, a line for each combination of the other factors. Nothing where
/// there is no such factor, or fewer than three points have a value.
std::optional<Figure> trend_figure(const Report& report);

/// The same of what workers count (images) a second, where iterations differ in how many they have.
std::optional<Figure> throughput_figure(const Report& report);

/// A proportion that is known item by item (accuracy) against the first time, and which treatments no other one beats in
/// both. Nothing without two such treatments.
std::optional<Figure> pareto_figure(const Report& report);

/// What share of iterations took longer than so long, both axes logarithmic. Nothing where no percentile was asked for.
std::optional<Figure> tail_figure(const Report& report);

/// Nothing where no treatment tells of its FLOP and bytes, or no peak rode along.
std::optional<Figure> roofline_figure(const Report& report);

}  // namespace assay::reports
