// Tables and text for LaTeX, as pdflatex takes them with nothing but booktabs, graphicx, xcolor and textcomp.
//
//     std::ofstream("tables/latency.tex") << latex_table(table, "tab:latency");
//     …                                                       % in the paper: \input{tables/latency}
//
// Text comes from outside (levels, reasons, versions of libraries): no character of it is a command.
#pragma once

#include <string>

#include "reports/tables.hpp"

namespace assay::reports {

/// `text` as LaTeX sets it, in OT1 or T1, in a paragraph, a table's cell or a caption. Control and
/// bidirectional characters are left out; a character that pdflatex's fonts don't have stands as its number,
/// "U+4E2D".
std::string latex_escaped(const std::string& text);

/// A float with caption and label, in the style of booktabs: numbers to the right, intervals small and grey
/// beside them, footnotes and the run's status below. As wide as its content, shrunk where that is wider than
/// the line; what wouldn't fit a column of a two-column page is a table*, and one that is wider than a page
/// lacks the least important intervals, and says so. `label` is plain: "tab:latency".
std::string latex_table(const TextTable& table, const std::string& label);

}  // namespace assay::reports
