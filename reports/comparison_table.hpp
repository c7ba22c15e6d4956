// The table of one metric and statistic: a row a treatment, each against its baseline.
#pragma once

#include <string>

#include "reports/tables.hpp"

namespace assay::reports {

/// `metric` is an index into Planned::metrics.
TextTable comparison_table(const Report& report, int metric, const std::string& statistic);

}  // namespace assay::reports
