// `assay check PATH`: a run, a report, a bundle, or a repository with all of it. Executes nothing of it and writes nothing.
//
//     const auto checked = check_path("team-07", {.courses = share / "templates/courses"}, *templates);
//     for (const Finding& f : checked->judgement.findings) show(f);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/course.hpp"
#include "reports/check/judgement.hpp"
#include "reports/check/repository.hpp"
#include "reports/check/run_check.hpp"
#include "reports/templates.hpp"

namespace assay::reports::check {

struct CheckOptions {
  std::filesystem::path courses = {};          // the folder of course files
  std::optional<plan::Course> course = {};     // instead of the one that assay.toml names
  Stage stage = Stage::in_progress;
  bool prose = true;                           // notes on numbers that no record backs
  bool fingerprint = false;                    // what tells copies
  std::filesystem::path allowed_signers = {};  // of a bundle's signature; empty: any key
  RunLimits limits = {};
  std::size_t most_runs = 10'000;
};

struct Checked {
  Judgement judgement;  // files in findings are relative to the path, of a report to its folder
  std::vector<CheckedRun> runs;
  int blocks = 0, agreeing = 0;  // of all documents, values included
};

/// A run folder, a Markdown or LaTeX file, a bundle (an archive, or a folder with bundle.json), or a repository. An Error: there is nothing at
/// `path`, or nothing that can be checked.
Result<Checked> check_path(const std::filesystem::path& path, const CheckOptions& options, const Templates& templates);

}  // namespace assay::reports::check
