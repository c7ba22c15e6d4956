// The HTML of a report as PDF, through WeasyPrint.
#pragma once

#include <filesystem>

#include "harness/core/result.hpp"

namespace assay::reports {

/// Reads report.html in `folder`, which needs no other file, and writes report.pdf beside it: the same bytes
/// from the same HTML, tools and SOURCE_DATE_EPOCH.
Result<Done> write_pdf(const std::filesystem::path& folder, const std::filesystem::path& templates_folder);

}  // namespace assay::reports
