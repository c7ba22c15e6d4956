// Whether a document says what its runs' records give: each filled block and each value is made again and compared, each figure looked at.
//
//     const auto findings = check_document("report.md", "report.md", runs, *templates);
//
// Prose is looked at elsewhere (prose.hpp).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/check/finding.hpp"
#include "reports/check/run_check.hpp"
#include "reports/templates.hpp"

namespace assay::reports::check {

struct CheckedDocument {
  std::vector<Finding> findings;
  int blocks = 0;                        // filled ones, values included
  int agreeing = 0;                      // of them those that say what the record gives
  int figures = 0;                       // shown by blocks, and whole
  std::vector<const CheckedRun*> shown;  // runs that the blocks are of
};

/// `name`: of the document in findings. Rules: report.marker, report.unfilled, report.edited, report.stale, report.wording, report.no-run,
/// report.newer-run, report.figure. A document is at most 64 MiB.
CheckedDocument check_document(const std::filesystem::path& document, const std::string& name, const std::vector<CheckedRun>& runs,
                               const Templates& templates);

}  // namespace assay::reports::check
