// A document that a course asks for, begun: its headings, what is asked below each, and the blocks that Assay
// fills there.
//
//     const auto text = new_document(*course.find("proposal"), {.title = "What int8 buys", .experiments =
//     experiments}, {&templates});
//
// The course says which headings there are. What stands below one comes from the template of that deliverable
// (templates/documents/proposal.md.mustache) where that has the heading too, else it is a line to fill in: so
// another course is a file and no template.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/course.hpp"
#include "harness/plan/experiment.hpp"
#include "reports/templates.hpp"

namespace assay::reports {

/// An experiment of the project, as a document names it.
struct NamedExperiment {
  std::string name;  // which a block names
  std::string file;  // from the project's folder, in words that a marker can hold
  std::string question{}, rationale{};
  std::vector<std::pair<std::string, std::string>> hypotheses{};  // id, claim
  bool is_ablation = false;                                       // one part changed at a time
};
/// An Error if `file` can't stand in a marker: of letters, digits and ._-/ only.
Result<NamedExperiment> named_experiment(const plan::Experiment& experiment, const std::string& file);

struct DocumentWish {
  std::string title;
  std::string date{};  // "2026-12-01"; empty: to be filled in
  std::vector<NamedExperiment>
      experiments{};  // none: the blocks name no run, and so take that of the command line
};

/// `templates`: searched in this order for "<deliverable>.md"; the last holds section.md, what stands below a
/// heading that no template knows. Text of the course and of the wish is escaped.
Result<std::string> new_document(const plan::Deliverable& deliverable, const DocumentWish& wish,
                                 const std::vector<const Templates*>& templates);

/// Whether its front matter names references.bib, which then has to be there.
bool has_bibliography(const plan::Deliverable& deliverable);
inline constexpr std::string_view kBibliography = "references.bib";

}  // namespace assay::reports
