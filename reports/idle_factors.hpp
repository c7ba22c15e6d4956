// Results that look as if something weren't connected: a factor that changes nothing at all, a measured time
// that is the same to its last digit.
//
//     for (Warning& w : idle_factor_warnings(run, planned, cells)) report.warnings.push_back(std::move(w));
#pragma once

#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/cells.hpp"
#include "reports/planned.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

/// `idle_factor`: at all levels of a factor, all else equal, the metrics without noise are exactly the same
/// (at least one is there to be so) and no other can be told apart. A factor that is to change the time alone
/// does change it. `constant_time`: a time or rate that the program itself reports is equal in all its
/// processes, as no measured one is.
std::vector<Warning> idle_factor_warnings(const record::RunRecord& run, const Planned& planned,
                                          const std::vector<Cell>& cells);

}  // namespace assay::reports
