// An HTML page as PDF, through WeasyPrint.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

enum class PdfLayout { text, columns, slides };

/// Reads `page`, which holds its pictures and needs no other file, and writes `pdf`: the same bytes from the
/// same page, tools and SOURCE_DATE_EPOCH. Of slides each section of the class `slide` gets one page, set
/// smaller where it needs to be; gives a line about each that is too long even then. Of columns, text fills
/// the page that a figure across both doesn't fit on.
Result<std::vector<std::string>> write_pdf(const std::filesystem::path& page,
                                           const std::filesystem::path& pdf,
                                           const std::filesystem::path& templates_folder,
                                           PdfLayout layout = PdfLayout::text);

}  // namespace assay::reports
