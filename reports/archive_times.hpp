// DOCX and PPTX are zip archives, and pandoc 2.17 gives some of their members the time of day.
#pragma once

#include <string>

namespace assay::reports {

/// Gives every member of the zip archive the first time that there is, 1980-01-01, so that the same content
/// is the same bytes. What is no archive stays as it is.
void fix_archive_times(std::string& archive);

}  // namespace assay::reports
