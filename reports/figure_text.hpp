// What the scripts and tables of all figures write alike.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports {

/// Okabe & Ito's palette: told apart with every common colour blindness, and in grey.
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermilion = "#D55E00";
inline constexpr std::string_view kGrey = "#5A5A5A";

/// A string of gnuplot's, in quotes.
std::string script_text(const std::string& text);
/// A field of a CSV file, in quotes.
std::string csv_text(const std::string& text);
/// A number with the digits that a file keeps.
std::string shown(double x);

/// The begin and the end of a script that draws <name>.svg, and <name>.pdf where gnuplot can; pixels of the
/// SVG.
std::string script_head(const std::string& name, int width, int height);
std::string script_foot(const std::string& name, int width, int height);

}  // namespace assay::reports
