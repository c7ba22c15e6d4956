// Reading a git repository that somebody else made. A repository's own configuration can name programs that git then
// runs (core.fsmonitor, hooks, filters, external diffs, textconv, signature programs, transports), and new versions of git
// find new ones. So that configuration is never read: git is given a folder of ours, with the repository's
// references copied into it as text, and borrows nothing but its objects.
//
//     const auto log = git_read("teams/one", {"log", "--format=%aN%x00%aE%x00%s", "HEAD"});
//     if (!log) note(log.error().message);
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

struct GitLimits {
  double seconds = 20;
  std::size_t bytes = 64 * 1024 * 1024;  // of output, and of packed references
  std::size_t references = 20'000;
};

/// What `git ARGUMENTS…` prints, of the repository whose working tree's root is `repository`, or of a bare one. The first argument is a verb
/// that reads (cat-file, diff-tree, for-each-ref, log, ls-tree, rev-list, rev-parse, shortlog, show, show-ref); there is no working
/// tree and no index. Nothing of the repository is executed, fetched or written. An Error says that there is no repository, that git is not
/// installed, or what git said; it holds text of the repository's, escaped.
Result<std::string> git_read(const std::filesystem::path& repository, const std::vector<std::string>& arguments,
                             const GitLimits& limits = {});

}  // namespace assay::reports
