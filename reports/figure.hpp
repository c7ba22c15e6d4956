// A run's figures, as gnuplot script and CSV. gnuplot itself is run by draw(). figure_kinds.def lists the kinds; a new
// one is a file beside the others, <name>_figure.cpp, and a line there.
//
//     for (const Figure& figure : figures_of(report)) write(figure.name + ".gp", figure.script);
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.hpp"

namespace assay::reports {

struct Figure {
  std::string name;  // of its kind, and of its four files
  std::string csv;
  std::string script;   // names its files without a folder: it is run beside them
  std::string caption;  // what is shown, the trend, the legend
};

struct FigureKind {
  std::string_view name;
  std::optional<Figure> (*make)(const Report& report);  // nothing where the report has nothing to show in it
};

/// In a report's order; no name twice.
std::span<const FigureKind> figure_kinds();

/// Those that a report has, in the order of their kinds.
std::vector<Figure> figures_of(const Report& report);

#define FIGURE_KIND(name) std::optional<Figure> name##_figure(const Report& report);
#include "reports/figure_kinds.def"
#undef FIGURE_KIND

}  // namespace assay::reports
