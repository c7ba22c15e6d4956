// A table drawn for a terminal: columns aligned, the least important left out where the width is short.
#pragma once

#include <string>

#include "reports/tables.hpp"

namespace assay::reports {

/// Title, heads, rows, footnotes and caption, each line at most `width` columns where that is possible; ends
/// with an empty line.
std::string drawn(const TextTable& table, int width, bool color);

/// Words of `text` in lines of at most `width` columns, each with its newline.
std::string drawn_paragraph(const std::string& text, int width);

}  // namespace assay::reports
