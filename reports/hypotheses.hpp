// The hypotheses: a verdict each, and the sentence that can be pasted into a paper.
//
//     "H1 supported: int8 is 2.31× (95 % CI 2.25–2.38) as fast as fp32 at batch 1 (0.41 against 0.95 ms; 15
//     rounds)."
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/stats/verdict.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

struct HypothesisResult {
  PlannedHypothesis planned;
  stats::HypothesisVerdict verdict = stats::HypothesisVerdict::inconclusive;
  std::optional<Number> effect;  // ratio of / to, difference of − to, or the value
  int rounds = 0;
  std::int64_t items = 0;            // the sample where it is items; 0: it is the rounds
  std::optional<double> p;           // of "exactly the bound"
  std::optional<double> p_adjusted;  // Holm over the hypotheses, the failed ones counted
  bool modelled = false;
  std::string reason;  // why it is inconclusive; empty where the interval says it
  std::string sentence;
};

/// Supported (refuted) where the whole 95 % interval satisfies (violates) the claim *and* the test of the
/// bound stays significant after Holm over all hypotheses of the experiment. Inconclusive with a reason where
/// a side failed, a side is modelled, the sides never shared a round, or the controls failed.
std::vector<HypothesisResult> project_hypotheses(const record::RunRecord& run, const Planned& planned,
                                                 const std::vector<Cell>& cells,
                                                 const std::vector<Control>& controls);

}  // namespace assay::reports
