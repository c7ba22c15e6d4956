// The table of a factorial design's effects: what each level does on average, and what two do together.
#pragma once

#include <optional>
#include <string>

#include "reports/tables.hpp"

namespace assay::reports {

/// Nothing where the report has no effects of this metric.
std::optional<TextTable> effects_table(const Report& report, int metric, const std::string& statistic);

}  // namespace assay::reports
