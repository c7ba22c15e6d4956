// assay.toml: the project that a repository holds. It marks the folder that commands run from, and says where things stand.
//
//     [project]
//     course  = "csce585-2025"       # a name that `assay new --help` lists, or a course file of one's own
//     team    = "gradient-descendants"
//     results = "data"               # where runs stand; default results
//     report  = "report.md"          # the document that is handed in
//
// An empty file is a project with nothing but defaults.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay::plan {

struct ProjectFile {
  std::filesystem::path folder;  // where assay.toml stands; empty for one given as text
  std::string title;
  std::string team;
  std::string course;             // empty: none
  std::string results = "results";  // relative to `folder`, inside it
  std::string report = "report.md";

  std::filesystem::path results_folder() const { return folder / results; }
  std::filesystem::path report_file() const { return folder / report; }
};

inline constexpr std::string_view kProjectFile = "assay.toml";

Result<ProjectFile> parse_project_file(std::string_view text, std::string_view shown_name);

/// The project file of `folder` itself.
Result<ProjectFile> load_project_file(const std::filesystem::path& folder);

/// The nearest folder at or above `from` that holds an assay.toml.
std::optional<std::filesystem::path> project_folder_above(const std::filesystem::path& from);

/// A relative path that leads nowhere but below its folder: no "..", no root, no control character.
bool stays_below(std::string_view path);

}  // namespace assay::plan
