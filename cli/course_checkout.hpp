// A submission on a branch of the course's repository. The checkout's files, index and current branch stay as they are: the commit is made of
// git's own objects, and it is for the person to look at it and push.
//
//     const auto commit = commit_into("../course", {.project = here, .path = "submissions/team-7", .branch = "submit-team-7-20261128", …});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/archive.hpp"

namespace assay::cli {

struct CourseWish {
  std::filesystem::path project;             // which must not be in the checkout
  std::string path;                          // in the course's repository; what is there is replaced
  std::string branch;
  std::string message;
  std::string date;                          // seconds since 1970, of SOURCE_DATE_EPOCH; empty: now
  std::vector<reports::ArchivedFile> files;  // relative to `path`
};

struct CourseCommit {
  std::string commit;
  std::string remote;      // to push to
  bool was_there = false;  // the branch holds exactly this already
};

/// An Error if `checkout` is no working tree, has changes, is the project's own repository, or has the branch with other content.
Result<CourseCommit> commit_into(const std::filesystem::path& checkout, const CourseWish& wish);

}  // namespace assay::cli
