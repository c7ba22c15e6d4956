// The runs of a command line, or those that a document's blocks name: what `assay report --into` fills from.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/stored_run.hpp"

namespace assay::cli {

/// Each once, however often it is named. In a deque: reports are pointed to.
Result<std::deque<StoredRun>> runs_named(const std::vector<std::string>& names, const std::filesystem::path& results);

/// Of each experiment that a block names its newest run, of each run that one names that run. An experiment without a run is left out, and with it
/// its blocks; an Error if no block names one that has.
Result<std::deque<StoredRun>> runs_of_document(const std::filesystem::path& document, const std::filesystem::path& results);

}  // namespace assay::cli
