// Runs a program of somebody else's (pandoc, gnuplot) and waits for it: no shell, no input, its messages
// kept. The one file of this room that needs POSIX.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

/// Runs `arguments` (the first is found on PATH) in `folder`, with SOURCE_DATE_EPOCH set unless it is
/// already, so that what it writes holds no date of today. Gives what it printed, its first 64 KiB. The Error
/// of a program that isn't there names it and `remedy`; that of one that failed ends with the last line it
/// wrote. One that runs longer than `limit` is killed: hostile input must not keep anybody waiting.
Result<std::string> run_program(const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder, const std::string& remedy,
                                std::chrono::seconds limit = std::chrono::minutes(5));

}  // namespace assay::reports
