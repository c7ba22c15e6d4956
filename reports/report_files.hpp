// The files of a report that are the same bytes on any machine, by name; and the list of what was written, by which a checker tells an
// edited file from one that another Assay wrote.
//
//     for (const auto& [name, text] : *report_files(report, templates)) write(folder / name, text);
//     note_written(folder);                                   // written.json
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/report.hpp"
#include "reports/templates.hpp"

namespace assay::reports {

/// report.json, report.md, the CSV files, and each figure's .gp and .csv.
Result<std::vector<std::pair<std::string, std::string>>> report_files(const Report& report, const Templates& templates);

inline constexpr const char* kWrittenList = "written.json";

/// Writes the list of what stands in a report folder: each file's name and SHA-256.
Result<Done> note_written(const std::filesystem::path& report_folder);

/// File → SHA-256, as the list has it. An Error where there is none, or it is none.
Result<std::map<std::string, std::string>> written_files(const std::filesystem::path& report_folder);

}  // namespace assay::reports
