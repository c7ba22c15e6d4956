// What a reader must know before believing a number, as data: a kind for programs, a sentence for people.
#pragma once

#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/carry_over.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/ladder.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

struct Warning {
  std::string kind;  // control_failed, planted_missed, not_faster, carry_over, quotient, remark, few_rounds,
                     // disturbed, stolen, unfinished, flop_differs, effects_missing, trend, autocorrelated,
                     // bimodal, hidden_factor, idle_factor, constant_time, or a note's
  std::string text;
};

std::vector<Warning> project_warnings(const record::RunRecord& run, const Planned& planned,
                                      const std::vector<Cell>& cells,
                                      const std::vector<Comparison>& comparisons,
                                      const std::vector<Control>& controls,
                                      const std::vector<CarryOver>& carry_over,
                                      const std::vector<Ladder>& ladders);

}  // namespace assay::reports
