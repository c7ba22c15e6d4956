// The Markdown of a report as one HTML file that needs nothing else, through pandoc.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

/// Reads report.md in `folder`, writes report.html beside it, with `figures` (files of the folder, no space
/// in their names) embedded. Raw HTML and other images are dropped: a run folder may come from anybody. `run`
/// names it at the foot of printed pages.
Result<Done> write_html(const std::filesystem::path& folder, const std::filesystem::path& templates_folder,
                        const std::string& title, const std::string& run,
                        const std::vector<std::string>& figures);

}  // namespace assay::reports
