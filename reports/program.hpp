// Runs a program of somebody else's (pandoc, gnuplot) and waits for it: no shell, no input, its messages
// kept. The one file of this room that needs POSIX.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

/// Runs `arguments` (the first is found on PATH) in `folder`, with SOURCE_DATE_EPOCH set unless it is
/// already, so that what it writes holds no date of today. The Error of a program that isn't there names it
/// and `remedy`; that of one that failed ends with the last line it wrote.
Result<Done> run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                         const std::string& remedy);

}  // namespace assay::reports
