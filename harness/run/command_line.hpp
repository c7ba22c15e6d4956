// Commands that a message tells a person to type: words that a shell reads as one, names that find the file again.
#pragma once

#include <filesystem>
#include <string>

#include "harness/core/shell_word.hpp"
#include "harness/plan/experiment.hpp"

namespace assay::run {

/// EXPERIMENT of the command line: "<suite>/<stem>" in a suite, else the file's path; and the --set that it was changed with.
std::string experiment_word(const plan::Experiment& experiment);

/// Where the program `word` would be found, from `folder`: itself if it holds a '/', else on PATH. Empty if nowhere.
std::filesystem::path find_program(const std::string& word, const std::filesystem::path& folder);

}  // namespace assay::run
