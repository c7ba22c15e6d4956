// What the scripts and tables of all figures write alike.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "harness/core/units.hpp"
#include "reports/report.hpp"

namespace assay::reports {

/// Okabe & Ito's palette: told apart with every common colour blindness, and in grey.
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermilion = "#D55E00";
inline constexpr std::string_view kGrey = "#5A5A5A";

/// gnuplot's format of an axis that ends at `high`: a plain number, or of large ones with its prefix, 100k.
inline std::string_view tic_format(double high) { return high >= 1e5 ? "%.0s%c" : "%g"; }

/// Series in one picture: colours, and gnuplot's point types, filled and hollow.
inline constexpr std::size_t kMostSeries = 8;
inline constexpr std::array<std::string_view, kMostSeries> kColours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                                    "#56B4E9", "#E69F00", "#5A5A5A", "#000000"};
inline constexpr std::array<int, kMostSeries> kFilled{7, 5, 9, 11, 13, 15, 3, 1};
inline constexpr std::array<int, kMostSeries> kHollow{6, 4, 8, 10, 12, 14, 2, 1};
/// Of curves, which have few points or none.
inline constexpr std::array<std::string_view, kMostSeries> kDashes{"solid",  "(9,4)",       "(2,3)",  "(10,3,2,3)",
                                                                   "(18,5)", "(6,3,1,3,1,3)", "(4,2)", "(1,5)"};

/// From this quotient of the largest and the smallest value on, an axis is logarithmic: a linear one hides the small ones.
inline constexpr double kLogarithmicFrom = 20;

/// A string of gnuplot's, in single quotes: nothing in it is expanded or run. Control characters, and those that turn
/// the direction of what follows, become spaces: an SVG may not hold the first, and a reader is misled by the others.
std::string script_text(const std::string& text);
/// The same as the label of a tic, where gnuplot would take `%` for a format.
std::string script_tic(const std::string& text);
/// A field of a CSV file, in quotes.
std::string csv_text(const std::string& text);
/// At most `most` characters: what stands in the middle of a longer one becomes "…".
std::string shortened(const std::string& text, std::size_t most);
/// A number with the digits that a file keeps.
std::string shown(double x);

/// What a metric's values are shown in, by the largest of them, and an axis' title with it: "time_s, ms".
struct MetricAxis {
  ScaledUnit unit;
  std::string title;
};
MetricAxis metric_axis(const Metric& metric, double largest);

/// "set ytics (…)": tics of a logarithmic axis `y` that spans so little that gnuplot would give it one or none. Requires
/// 0 < low < high.
std::string logarithmic_tics(std::string_view axis, double low, double high);

/// "every ::3::7": of a file with a header the rows `first` to `last`, counted from 0. A curve whose rows stand together
/// needs no filter, and what a filter leaves out can't be joined over.
std::string rows_of_file(std::size_t first, std::size_t last);

/// "over 5 rounds": what a caption says of its intervals.
std::string over_rounds(const Report& report);

/// The begin and the end of a script that draws <name>.svg, and <name>.pdf where gnuplot can; pixels of the
/// SVG.
std::string script_head(const std::string& name, int width, int height);
std::string script_foot(const std::string& name, int width, int height);

}  // namespace assay::reports
