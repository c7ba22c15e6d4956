// A gate's decision: from the verdicts of a report to one exit status that a build server understands.
//
//     const GateDecision gate = decide(report);
//     std::cout << gate_text(gate, width);
//     return gate.status;                       // 0 not worse, 1 worse or failed, 3 can't tell
#pragma once

#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "reports/report.hpp"

namespace assay::cli {

struct GateDecision {
  enum class Word { not_worse, worse, failed, inconclusive };
  Word word = Word::inconclusive;
  int status = 3;
  std::string sentence;                  // the decision and its reason; ends with a full stop
  std::vector<std::string> comparisons;  // a sentence each
};
std::string_view name_of(GateDecision::Word word);

/// From the comparisons of the primary metrics of one family each, as the report gives them (Holm): any worse → worse; a cell that failed →
/// failed; all better or equivalent → not worse; else inconclusive, also where there is nothing to compare.
/// `metric`: the one that decides; empty: every primary one.
GateDecision decide(const reports::Report& report, const std::string& metric = "");

/// Sentences, then the decision with its exit status.
std::string gate_text(const GateDecision& gate);

/// {"decision","exit_status","sentence","comparisons"}: what --json adds to the report as `gate`.
OrderedJson to_json(const GateDecision& gate);

}  // namespace assay::cli
