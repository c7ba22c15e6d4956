// What `assay check` says, as one value: the document of --json, from which everything else about a check is
// made.
//
//     Judgement document{.path = "team-07", .kind = "repository", .findings = findings};
//     std::cout << to_json(document).dump(2);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "reports/check/contributions.hpp"
#include "reports/check/finding.hpp"
#include "reports/check/grader.hpp"
#include "reports/check/similarity.hpp"

namespace assay::reports::check {

inline constexpr int kJudgementSchema = 1;

struct Judgement {
  std::string path;    // as it is to be shown
  std::string kind;    // run, report, repository, bundle
  std::string course;  // its name; empty: none
  std::vector<Finding> findings;
  std::optional<Contributions> contributions;  // nothing where git's records can't be seen
  std::vector<GradedLine> rubric;
  OrderedJson runs = OrderedJson::array();
  OrderedJson documents = OrderedJson::array();  // that have blocks: file, blocks, agreeing, figures
  OrderedJson signature = nullptr;               // of a bundle: key, signer; null: there is none, or it isn't good
  std::optional<Fingerprint> fingerprint;  // where it was asked for

  bool ok() const;  // no error
};

/// docs/FORMAT.md has every field.
OrderedJson to_json(const Judgement& document);

}  // namespace assay::reports::check
