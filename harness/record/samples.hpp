// A process's single iterations as a file of the run folder: one number a line, in the order in which they ran, in the
// block's unit. The journal's line of the block holds the file's name and hash, so that the chain covers it.
//
//     text += sample_line(3080344);                                  // "3080344\n"
//     Result<std::vector<double>> samples = read_samples(folder, "outputs/r001-00007-1a2b3c4d.samples", sha256);
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::record {

/// The shortest text that reads back as `sample`, with its newline; whole numbers without an exponent.
std::string sample_line(double sample);

/// The numbers of a file, in its order. An Error if it is missing, if its bytes don't have that hash, or if a line is no number.
Result<std::vector<double>> read_samples(const std::filesystem::path& folder, std::string_view file, std::string_view sha256);

}  // namespace assay::record
