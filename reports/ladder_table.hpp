// The table of a ladder: each rung against the baseline and against the rung before, and what was published
// of it.
#pragma once

#include "reports/tables.hpp"

namespace assay::reports {

/// `ladder` is one of the report's.
TextTable ladder_table(const Report& report, const Ladder& ladder);

}  // namespace assay::reports
