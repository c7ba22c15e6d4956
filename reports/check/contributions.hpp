// Who did what, as far as git knows: commits and lines by author. Lines of files that programs write (locks,
// data, notebooks' outputs) are nobody's work and aren't counted; merges are no commits of one's own.
//
//     const Result<Contributions> all = contributions_in("team-07");
//     if (all) std::cout << drawn(contributions_table(*all), 100, false);
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"
#include "reports/check/finding.hpp"
#include "reports/tables.hpp"

namespace assay::reports::check {

struct Contribution {
  std::string name, email;  // as written, a committed .mailmap applied: not fit to be shown as they are
  std::int64_t commits = 0;
  std::int64_t added = 0, removed = 0;  // lines
  std::string first, last;              // "2026-10-01", UTC
};

struct Contributions {
  std::vector<Contribution> authors;  // by commits, then lines, then name
  std::int64_t commits = 0;
  std::int64_t added = 0;
};

/// Somebody whom the README names.
struct Member {
  std::string text;   // what the README says of them, without the address
  std::string email;  // empty: none is given
  int line = 0;
};

/// Of all commits that the newest one on the checked-out branch comes from. An Error: what git said.
Result<Contributions> contributions_in(const std::filesystem::path& repository);

/// What `git log -z --numstat` printed in the format that contributions_in asks for.
Contributions read_log(std::string_view log);

/// Files whose lines aren't counted.
bool is_written_by_programs(std::string_view path);

/// This author is that member: the same address, or a name that has the member's words.
bool is_of(const Contribution& author, const Member& member);

/// Members without a commit; an author with more than four fifths of the commits or of the lines.
std::vector<Finding> check_contributions(const Contributions& all, const std::vector<Member>& members,
                                         const std::string& readme);

TextTable contributions_table(const Contributions& all);
/// A list of {name, email, commits, added, removed, first, last}.
OrderedJson to_json(const Contributions& all);

}  // namespace assay::reports::check
