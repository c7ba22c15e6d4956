// Whether a run folder is what a run left: its record whole and unchanged, in the order that was planned, and its report what the record gives.
// Executes nothing of it, and opens nothing but regular files.
//
//     const CheckedRun run = check_run("results/precision/20261124T101500Z-1a2b3c4d", *templates);
//     for (const Finding& finding : run.findings) show(finding);
//     if (run.report) use(*run.report);
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/check/finding.hpp"
#include "reports/report.hpp"
#include "reports/templates.hpp"

namespace assay::reports::check {

/// Beyond, a file isn't opened: whoever sends a checker something sends anything.
struct RunLimits {
  std::uintmax_t experiment_bytes = 1 << 20;
  std::uintmax_t manifest_bytes = 64 << 20;
  std::uintmax_t journal_bytes = std::uintmax_t{4} << 30;
  std::size_t entries = 200'000;
  int depth = 8;
};

struct CheckedRun {
  std::filesystem::path folder;
  std::vector<Finding> findings;  // files are relative to the folder
  std::optional<Report> report;   // nothing where the record can't be read
  bool ended = false;             // by itself: rounds, precision, budget
  bool sealed = true;             // false: of an early Assay, which vouched for less
};

/// Rules: run.files, run.record, run.seal, run.unfinished, run.outputs, run.plan, run.schedule, run.ledger, run.clock, run.report.
CheckedRun check_run(const std::filesystem::path& folder, const Templates& templates, const RunLimits& limits = {});

/// Whether a folder looks like a run's.
bool is_run_folder(const std::filesystem::path& folder);

/// The run folders at or below `root`, sorted; links aren't followed, and what lies too deep isn't found.
std::vector<std::filesystem::path> run_folders_below(const std::filesystem::path& root, std::size_t most_entries = 200'000);

}  // namespace assay::reports::check
