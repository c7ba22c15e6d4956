// A team's repository against the rules of its course. Nothing of it is executed, no link followed, nothing
// fetched: the files and git's records are enough.
//
//     const Result<RepositoryFacts> facts = look_at("team-07", {});
//     for (const Finding& f : check_repository(*facts, *course, Stage::in_progress)) …
//
// docs/FORMAT.md lists the rules.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/course.hpp"
#include "harness/plan/project_file.hpp"
#include "reports/check/bibliography.hpp"
#include "reports/check/contributions.hpp"
#include "reports/check/finding.hpp"
#include "reports/check/markdown_outline.hpp"
#include "reports/check/tree.hpp"

namespace assay::reports::check {

/// Before the final submission what only it asks for is a note.
enum class Stage { in_progress, final_submission };

struct GitFacts {
  bool known = false;                // git could be asked
  std::string problem;               // why not
  std::vector<std::string> tags;     // sorted
  bool newest_tagged = false;        // the commit that is checked out has a tag
  std::vector<std::string> tracked;  // sorted paths
  Contributions contributions;

  bool tracks(std::string_view path) const;
};

struct RepositoryFacts {
  std::filesystem::path folder;
  Tree tree;
  GitFacts git;
  std::optional<plan::ProjectFile> project;  // assay.toml
  std::string project_problem;               // why it can't be read, as "assay.toml:3: …"
};

struct RepositoryLimits {
  TreeLimits tree;
};

/// An Error: the folder can't be listed.
Result<RepositoryFacts> look_at(const std::filesystem::path& folder, const RepositoryLimits& limits);

/// Sorted as sort_findings does.
std::vector<Finding> check_repository(const RepositoryFacts& facts, const plan::Course& course, Stage stage);

/// Errors first, then warnings, then notes; each by file, line and rule.
void sort_findings(std::vector<Finding>& findings);

/// A document of a deliverable that is there.
struct CourseDocument {
  const plan::Deliverable* deliverable = nullptr;
  std::string file;  // as it is called there: "Readme.md"
  std::string text;
  Outline outline;
};

/// Of every deliverable whose file is there and can be read. What can't be read is a finding, if they are
/// asked for.
std::vector<CourseDocument> documents_of(const RepositoryFacts& facts, const plan::Course& course,
                                         std::vector<Finding>* findings = nullptr);

/// Who the section "Group Info" names: an item of a list, a row of a table or a line each.
std::vector<Member> members_of(const Outline& readme);

/// The project's BibTeX: references.bib at the root, other .bib files, and what stands in the documents
/// themselves.
struct References {
  Bibliography all;
  std::vector<std::string> files;  // where each entry of `all` stands
};
References references_of(const RepositoryFacts& facts, const std::vector<CourseDocument>& documents);

}  // namespace assay::reports::check
