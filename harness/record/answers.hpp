// Predictions and labels in a run folder, put together: which items were answered right.
#pragma once

#include <filesystem>
#include <string>

#include "harness/core/result.hpp"
#include "harness/record/run_record.hpp"

namespace assay::record {

/// Reads outputs/<hash>.predictions and outputs/<hash>.labels and holds both to their hashes. An Error names the file
/// that is missing or isn't what the journal says, and what that costs.
Result<Answers> read_answers(const std::filesystem::path& run_folder, const std::string& predictions_sha256,
                             const std::string& labels_sha256);

}  // namespace assay::record
