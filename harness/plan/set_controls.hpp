// An experiment's text with controls set from the command line: what is run is what the frozen copy says.
//
//     Result<std::string> text = set_controls(*file_text, "precision.toml", {"dataset=fashion-mnist", "batch=8"});
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::plan {

/// Each word is "name=value"; a value that TOML doesn't read is text. A control's line is replaced, and keeps what it was in a comment.
/// The Error says which controls there are; one that isn't there, a factor, or a control within {…} is not set.
Result<std::string> set_controls(std::string text, std::string_view shown_name, const std::vector<std::string>& words);

}  // namespace assay::plan
