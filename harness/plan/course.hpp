// What a course asks of a project, read from a file: another course, or another year, is another file.
//
//     Result<Course> course = load_course("templates/courses/csce585-2025.toml");
//     for (const Deliverable& d : course->deliverables) …
//
// docs/FORMAT.md describes the file key by key.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::plan {

/// A file or folder that the repository must hold.
struct RequiredFile {
  std::string path;   // from the repository's root; the last part may hold '*': "run.*"
  std::string why;    // "runs the project"
  std::string where;  // only where a file of this form is anywhere in the repository: "*.py"; empty: always
  bool folder = false;
};

/// A heading that a document must have, and what stands below it.
struct CourseSection {
  std::string heading;
  std::string asks;                  // what is to be written there, for the template
  std::vector<std::string> fills;    // blocks that Assay fills there: "plan", "table", "hypotheses", …
  std::vector<std::string> choices;  // one of these must be named there
  std::optional<int> most_bullets;   // of each list below it
  int level = 2;                     // 1 for "#"
  bool only_final = false;           // asked for at the final submission alone
};

struct Deliverable {
  std::string name;   // as in `assay new proposal`
  std::string title;  // "Project proposal"
  std::string file;   // where it stands in the repository
  std::string style = "plain";                     // plain, conference, slides: how it is rendered
  std::optional<std::pair<int, int>> pages;        // at least, at most
  std::optional<std::pair<int, int>> references;   // likewise; the second may be huge
  std::vector<CourseSection> sections;
};

/// A line of the rubric. `evidence` is what can be looked at without a human: a word of kEvidence, or "section <deliverable>
/// <heading>"; all of it must be there.
struct RubricLine {
  std::string part;  // "P2 final"
  std::string text;  // "Experimental rigor: baselines, ablation or scaling"
  int points = 0;
  std::vector<std::string> evidence;
};

/// What a checker can see of a project without a human.
inline constexpr std::string_view kEvidence[] = {
    "runs",          // at least one run on record
    "baseline",      // a run whose treatments are compared with a baseline
    "ablation",      // a run of a factorial, one-factor or ladder design
    "scaling",       // a run along a numeric factor of three levels or more
    "intervals",     // values with intervals over five rounds or more
    "hypotheses",    // a run with hypotheses that were frozen before its first block
    "controls",      // a run whose same-program control was measured and held
    "report",        // the document of this deliverable, with filled blocks that agree with their runs
    "figure",        // a figure with a caption in it
    "references",    // a bibliography, cited
    "environment",   // machine, libraries and versions on record
    "readme",        // the README's sections
    "files",         // the files and folders that the course names
    "lock",          // the lock files of the languages that are used
    "contributions"  // commits of every author, by git
};

struct Course {
  std::string name;    // of the file: "csce585-2025"
  std::string title;   // "CSCE 585: Machine Learning Systems, fall 2025"
  std::string source;  // where the rules stand
  std::string submission;  // folder of the course's repository where a submission goes; {team} is replaced
  std::vector<RequiredFile> files;
  std::vector<Deliverable> deliverables;
  std::vector<RubricLine> rubric;

  const Deliverable* find(std::string_view deliverable) const;
};

Result<Course> parse_course(std::string_view text, std::string_view shown_name);
Result<Course> load_course(const std::filesystem::path& file);

/// The course files of a folder by name, sorted: "csce585-2024", "csce585-2025".
std::vector<std::string> courses_in(const std::filesystem::path& folder);

/// COURSE of a command line or of assay.toml: a name in `folder`, or a path to a file (relative to `base`). The error lists what there is.
Result<Course> find_course(std::string_view name, const std::filesystem::path& folder, const std::filesystem::path& base);

}  // namespace assay::plan
