// What the scripts and tables of all figures write alike.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "reports/report.hpp"

namespace assay::reports {

/// Okabe & Ito's palette: told apart with every common colour blindness, and in grey.
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermilion = "#D55E00";
inline constexpr std::string_view kGrey = "#5A5A5A";

/// Series in one picture: colours, and gnuplot's point types, filled and hollow.
inline constexpr std::size_t kMostSeries = 8;
inline constexpr std::array<std::string_view, kMostSeries> kColours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                                    "#56B4E9", "#E69F00", "#5A5A5A", "#000000"};
inline constexpr std::array<int, kMostSeries> kFilled{7, 5, 9, 11, 13, 15, 2, 1};
inline constexpr std::array<int, kMostSeries> kHollow{6, 4, 8, 10, 12, 14, 2, 1};

/// From this quotient of the largest and the smallest value on, an axis is logarithmic: a linear one hides the small ones.
inline constexpr double kLogarithmicFrom = 20;

/// A string of gnuplot's, in quotes.
std::string script_text(const std::string& text);
/// A field of a CSV file, in quotes.
std::string csv_text(const std::string& text);
/// A number with the digits that a file keeps.
std::string shown(double x);

/// "over 5 rounds": what a caption says of its intervals.
std::string over_rounds(const Report& report);

/// The begin and the end of a script that draws <name>.svg, and <name>.pdf where gnuplot can; pixels of the
/// SVG.
std::string script_head(const std::string& name, int width, int height);
std::string script_foot(const std::string& name, int width, int height);

}  // namespace assay::reports
