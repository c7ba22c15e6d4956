// assay report --into FILE: the file's side of fill.hpp.
//
//     const auto into = report_into("docs/report.md", {&report}, templates_folder, false);
//     for (const FilledBlock& block : into->blocks) show(block);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/fill.hpp"
#include "reports/report.hpp"

namespace assay::reports {

struct Into {
  std::vector<FilledBlock> blocks;
  std::vector<std::filesystem::path> figures;  // that blocks show, written or as they were
};

/// Fills the blocks of `file` that belong to `reports`, and puts the figures that they show below its folder.
/// A symbolic link is followed, permissions stay. After an Error (fill_blocks' own, a file without a block
/// for these runs, gnuplot missing where a figure is to be shown) nothing is written.
Result<Into> report_into(const std::filesystem::path& file, const std::vector<const Report*>& reports,
                         const std::filesystem::path& templates_folder, bool force);

/// assay plan --into FILE: the same with blocks of kind plan and design. An Error if none is of this experiment.
Result<Into> plan_into(const std::filesystem::path& file, const PlannedExperiment& planned, const std::filesystem::path& templates_folder, bool force);

}  // namespace assay::reports
