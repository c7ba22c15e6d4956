// Reading a git repository that nobody vouches for.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

struct GitLimits {
  double seconds = 10;
  std::size_t bytes = 64u << 20;
};

/// What `git <arguments>` prints, run in `repository` so that nothing of its configuration executes: no hook,
/// file-system monitor, external diff, text conversion, signature program, pager or fetch. Only the
/// repository whose `.git` is a folder of `repository` itself is read, never one above it. An Error: git is
/// missing, failed, or passed a limit.
Result<std::string> git_read(const std::filesystem::path& repository,
                             const std::vector<std::string>& arguments, const GitLimits& limits = {});

}  // namespace assay::reports
