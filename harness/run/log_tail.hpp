// The last lines of what a process said on standard error: what a person looks at first when it has failed.
#pragma once

#include <filesystem>
#include <string>

namespace assay::run {

/// At most five lines of a log, each indented as "    | …" and cut at 200 bytes; empty if there is none.
std::string tail_of_log(const std::filesystem::path& log);

/// Writes `output` into a log that is empty: a program that fails without a word on standard error has usually said why on
/// standard output.
void fill_empty_log(const std::filesystem::path& log, const std::string& output);

}  // namespace assay::run
