// Text that Markdown shows as it is, whatever it holds: names of levels, reasons and claims come from
// outside.
#pragma once

#include <string>

namespace assay::reports {

/// Backslashes before what CommonMark, tables or GitHub would read as markup; line breaks become spaces.
std::string markdown_escaped(const std::string& text);

}  // namespace assay::reports
