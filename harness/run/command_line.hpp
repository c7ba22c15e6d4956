// Commands that a message tells a person to type: words that a shell reads as one, names that find the file again.
#pragma once

#include <filesystem>
#include <string>

#include "harness/plan/experiment.hpp"

namespace assay::run {

/// `text` as one word of a POSIX shell: quoted only if it has to be.
std::string shell_word(const std::string& text);

/// EXPERIMENT of the command line: "<suite>/<stem>" in a suite, else the file's path.
std::string experiment_word(const plan::Experiment& experiment);

/// Where the program `word` would be found, from `folder`: itself if it holds a '/', else on PATH. Empty if nowhere.
std::filesystem::path find_program(const std::string& word, const std::filesystem::path& folder);

}  // namespace assay::run
