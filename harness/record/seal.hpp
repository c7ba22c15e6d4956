// What the last line of a journal vouches for: the files of the run folder that no line's hash covers, and its own bytes.
// It finds accidents and edits, not a liar, who would compute it anew.
//
//     journal.append_last(sealed(end_line, folder));     // {"type":"end", …, "seals":{"manifest.json":"…"}, "self":"…"}
//     for (const std::string& problem : seal_problems(folder, end_line)) say(problem);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::record {

/// `fields` with the SHA-256 of manifest.json and, where it is there, published.toml. What can't be read isn't sealed: readers say so.
Json sealed(Json fields, const std::filesystem::path& folder);

/// SHA-256 of a line's canonical JSON without its `self`.
std::string self_hash(Json line);

struct SealProblem {
  std::string file;  // relative to the run folder
  std::string what;
};
/// What of the folder isn't as `end`, the journal's last line, says; empty where all of it is. A line without `self` vouches for nothing, and
/// is one problem.
std::vector<SealProblem> seal_problems(const std::filesystem::path& folder, const Json& end);

}  // namespace assay::record
