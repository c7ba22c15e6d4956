// The name that was probably meant, for messages about the one that was written.
//
//     nearest("presision", {"precision", "batch"}) == "precision"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::plan {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, in bytes.
/// Source: optimal string alignment, a restricted Damerau-Levenshtein distance (Boytsov 2011, §2.1).
int edit_distance(std::string_view a, std::string_view b);

/// The closest candidate if it is close enough to be meant (a third of its letters, at least one); the first
/// of equals.
std::optional<std::string> nearest(std::string_view written, const std::vector<std::string>& candidates);

/// "did you mean 'precision'?" if one is near, else "`intro` precision, batch" with at most a dozen names.
std::string suggestion(std::string_view written, const std::vector<std::string>& candidates,
                       std::string_view intro);

/// "a, b, c", at most `limit` of them and how many more there are.
std::string listed(const std::vector<std::string>& names, std::size_t limit = 12);

}  // namespace assay::plan
