// The {words} of a command. A brace that doesn't enclose a plain name is left as it is, so that JSON can be
// an argument: '{"batch": 1}' holds no placeholder. {{batch}} stands for the text {batch}.
//
//     filled("--batch={batch}", lookup) == "--batch=64"
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/treatment.hpp"

namespace assay::plan {

/// `text` so written that no placeholder is found in it: filled(unfilled(text), …) is `text`.
std::string unfilled(std::string_view text);

/// The names, in order, with repetitions.
std::vector<std::string> placeholders_in(std::string_view text);

/// `text` with each placeholder that `value_of` knows replaced, in one pass: what was put in isn't read
/// again.
std::string filled(std::string_view text,
                   const std::function<std::optional<std::string>(std::string_view)>& value_of);

/// What one execution of a [command] is started with: factors and controls in their shortest form, then
/// {seed} (unless a factor or control has that name) and {out}.
std::string filled(std::string_view text, const Treatment& assignment, std::uint64_t seed,
                   std::string_view out);

}  // namespace assay::plan
