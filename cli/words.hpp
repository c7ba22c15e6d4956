// A command given as one argument, split into words as a POSIX shell would, but expanded by nobody.
//
//     split_words("grep -c 'a b' \"file one\"")   →  {"grep", "-c", "a b", "file one"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::cli {

/// Words separated by blanks; '…' keeps all, "…" keeps all but \" \\ \$ \` and \newline, a backslash elsewhere keeps the next
/// character. An Error if a quote isn't closed or nothing follows the last backslash. No text gives no words.
Result<std::vector<std::string>> split_words(std::string_view text);

/// The first thing in `text` that only a shell would act on, e.g. "|" or "$HOME"; empty if there is none.
std::string shell_syntax_in(std::string_view text);

}  // namespace assay::cli
