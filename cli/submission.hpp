// What of a project is handed in: the report and what it was rendered to, the runs that it rests on with their ledgers, the experiments, and
// the project's own words. Nothing is copied yet: a list of places, with bundle.json.
//
//     const auto submission = collect(*project, {.assay = "0.1.0", .created = "2026-11-28T20:00:00Z"});
//     reports::write_archive("submission.tar.gz", submission->archived("submission"), 0);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/project_file.hpp"
#include "reports/archive.hpp"
#include "reports/bundle.hpp"

namespace assay::cli {

struct Submission {
  reports::BundleList list;                  // with every file's size and hash
  std::vector<reports::ArchivedFile> files;  // path in the bundle → where it is now; sorted
  std::vector<std::filesystem::path> runs;   // their folders
  std::vector<std::string> notes;            // what was left out, and why
};

struct SubmissionWish {
  std::string assay;    // version and commit
  std::string created;  // UTC
};

/// An Error if there is no report, if it rests on no run, or on one that isn't there; or if a file's name can't stand in a bundle.
Result<Submission> collect(const plan::ProjectFile& project, const SubmissionWish& wish);

}  // namespace assay::cli
