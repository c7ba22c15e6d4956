// The rules of check_repository, one function a topic. Each adds what it finds.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "reports/check/plain_text.hpp"
#include "reports/check/repository.hpp"

namespace assay::reports::check {

class Findings {
public:
  explicit Findings(std::vector<Finding>& into) : into_(into) {}
  /// `file` may be a stranger's; `what` and `remedy` are fit to be shown already.
  void add(Severity severity, std::string rule, std::string_view file, int line, std::string what,
           std::string remedy) const {
    into_.push_back({severity, std::move(rule), plain_text(file), line, std::move(what), std::move(remedy)});
  }

private:
  std::vector<Finding>& into_;
};

/// Files and folders that the course names; links that lead out, things that are no files, names that can't
/// be shown.
void check_files(const RepositoryFacts& facts, const plan::Course& course, const Findings& add);
/// What has no business in a repository: large files, caches, environments, keys.
void check_committed(const RepositoryFacts& facts, const Findings& add);
/// Tags, and whether there is a history at all.
void check_history(const RepositoryFacts& facts, Stage stage, const Findings& add);
/// Sections, bullets, choices, pages, figures and links of one document.
void check_document(const RepositoryFacts& facts, const CourseDocument& document, Stage stage,
                    const Findings& add);
/// Names and addresses of the group.
void check_members(const CourseDocument& readme, const std::vector<Member>& members, const Findings& add);
/// Entries, and what cites them.
void check_references(const RepositoryFacts& facts, const std::vector<CourseDocument>& documents,
                      const References& references, const Findings& add);
/// pyproject.toml and uv.lock agree.
void check_python(const RepositoryFacts& facts, const Findings& add);
/// CSV and JSON files whose rows or columns are equal where they can't be.
void check_results(const RepositoryFacts& facts, const Findings& add);

/// "a, b and 3 more", each fit to be shown.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 5);

}  // namespace assay::reports::check
