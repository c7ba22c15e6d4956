// `assay check PATH`: a run, a report, or a repository with both. Executes nothing of it and writes nothing.
//
//     const Checked checked = check_path("team-07", {}, *templates);
//     for (const Finding& f : checked.findings) show(f);
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/check/document_check.hpp"
#include "reports/check/finding.hpp"
#include "reports/check/run_check.hpp"
#include "reports/templates.hpp"

namespace assay::reports::check {

enum class PathKind { run, report, repository };
std::string_view name_of(PathKind kind);

struct Checked {
  PathKind kind = PathKind::repository;
  std::vector<Finding> findings;   // files are relative to the path, of a report to its folder
  std::vector<CheckedRun> runs;
  std::vector<std::string> documents;  // that have blocks, relative to the path
  int blocks = 0, agreeing = 0, figures = 0;  // of all documents

  bool ok() const;  // no error
};

struct CheckOptions {
  RunLimits limits;
  std::size_t most_runs = 10'000;
};

/// A run folder, a Markdown or LaTeX file, or a folder of both. An Error: there is nothing at `path`, or nothing that can be checked.
Result<Checked> check_path(const std::filesystem::path& path, const CheckOptions& options, const Templates& templates);

}  // namespace assay::reports::check
