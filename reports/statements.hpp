// What a run's record says in prose, for the sections of a paper that are the same in each: set-up, expectations, threats to
// validity, check-lists. Every sentence follows from the record; what no record knows is listed as such, for people to write.
//
//     const std::string paragraph = setup_paragraph(report);
//     for (const Statement& s : reproducibility_checklist(report)) say(s.subject, s.text);
#pragma once

#include <string>
#include <vector>

#include "reports/report.hpp"

namespace assay::reports {

/// "Run time: 7 rounds, 98 processes …". Without text: no record knows it.
struct Statement {
  std::string subject;
  std::string text;
};

/// What was varied, held and measured, on what, how, and how verdicts come about.
std::string setup_paragraph(const Report& report);

/// A line a hypothesis: the claim as it was frozen before the first block, what would bear it out, and when that was.
std::vector<Statement> expectations(const Report& report);

/// What limits the run's conclusions.
std::vector<std::string> threats(const Report& report);

/// The machine-learning reproducibility check-list, as far as records go.
std::vector<Statement> reproducibility_checklist(const Report& report);

/// The artifact appendix (cTuning's form), as far as records go.
std::vector<Statement> artifact_appendix(const Report& report);

}  // namespace assay::reports
