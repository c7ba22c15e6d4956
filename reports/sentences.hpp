// Sentences from numbers, in one place, so that a report, a terminal and a paper say the same.
#pragma once

#include <string>

#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/hypotheses.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// Reads `verdict`, `effect`, `rounds` and `reason` of `result`. Ends with a full stop.
std::string hypothesis_sentence(const HypothesisResult& result, const Planned& planned,
                                const std::vector<Cell>& cells);

/// "The same program against itself: 0.999 [0.996, 1.003]." or why that is missing.
std::string control_sentence(const Control& control, const Planned& planned, bool name_baseline,
                             bool name_metric);

/// "2 %" for a planted ratio of 1.02.
std::string planted_text(double planted);

/// "Rounds 1–7 of run X were looked at before the others were added: every p is multiplied by 2."; empty for
/// a run that extends none.
std::string looks_sentence(const Planned& planned);

/// "faster", "equivalent", "inconclusive: about 12 more rounds would settle it": what a table's verdict
/// column says.
std::string verdict_text(const Comparison& comparison);

/// A reason code as words: "control_failed" → "the controls failed".
std::string reason_text(const std::string& reason);

}  // namespace assay::reports
