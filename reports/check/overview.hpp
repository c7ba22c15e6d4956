// Forty repositories at once: `assay check --all DIR`. Made from the documents of the single checks, each of
// which ran in a process of its own, so that a repository that means harm costs its own row and no other.
//
//     std::vector<CheckedRepository> all{{"team-1", *parse_json(out), ""}, {"team-2", nullptr, "took longer
//     than 60 s"}}; std::cout << drawn(overview_table(all), 100, false);
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/core/json.hpp"
#include "reports/check/similarity.hpp"
#include "reports/tables.hpp"

namespace assay::reports::check {

struct CheckedRepository {
  std::string name;     // of its folder
  Json document;        // what `assay check --json` printed; null where it printed nothing that can be read
  std::string problem;  // why: "took longer than 60 s", "killed by signal 9"; empty: there is a document
};

/// One row a repository, in the order given: findings by severity, rubric points seen, missing and a human's,
/// runs, authors.
TextTable overview_table(const std::vector<CheckedRepository>& all);

/// The same as CSV, whole numbers, empty where unknown. No field begins as a spreadsheet's formula does.
std::string overview_csv(const std::vector<CheckedRepository>& all);

/// {schema, repositories: [{name, problem, …the row}], alike: [{kind, one, other, one_file, other_file,
/// share, count}]}
OrderedJson overview_json(const std::vector<CheckedRepository>& all, const std::vector<Likeness>& alike);

/// What one team is told: findings with their remedies, the rubric's lines, contributions. Nothing about
/// other teams.
std::string feedback_markdown(const CheckedRepository& one);

/// A file name for the repository's feedback: its name where that is harmless, else letters, digits, '-',
/// '_', '.' of it. Distinct for distinct repositories.
std::vector<std::string> feedback_names(const std::vector<CheckedRepository>& all);

/// Their fingerprints, those of documents that have one.
std::vector<std::pair<std::string, Fingerprint>> fingerprints(const std::vector<CheckedRepository>& all);

}  // namespace assay::reports::check
