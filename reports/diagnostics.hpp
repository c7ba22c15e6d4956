// Whether the rounds and blocks behind a table are what its intervals take them for. What stands out is a
// warning.
#pragma once

#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/planned.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

/// Of each primary metric that blocks carry and ratios compare: kinds `trend`, `autocorrelated` (rounds of
/// cells and of comparisons, tested together over the table) and `bimodal` (blocks of cells). At most 1 % of
/// clean tables get one.
std::vector<Warning> project_diagnostics(const record::RunRecord& run, const Planned& planned,
                                         const std::vector<Cell>& cells,
                                         const std::vector<Comparison>& comparisons);

}  // namespace assay::reports
