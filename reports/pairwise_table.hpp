// The table of all pairs: one row and one column a level, each against each, and letters that say which can't
// be told apart.
//
//     for (TextTable& table : pairwise_tables(report, metric, "typical")) …   // at batch 1, at batch 64
#pragma once

#include <string>
#include <vector>

#include "reports/tables.hpp"

namespace assay::reports {

/// Empty unless the experiment's table is pairwise.
std::vector<TextTable> pairwise_tables(const Report& report, int metric, const std::string& statistic);

/// Compact letter display of `count` rows by "insert and absorb" (Piepho 2004): two rows share a letter if
/// and only if they are not told apart. Empty where 26 letters don't do.
std::vector<std::string> shared_letters(std::size_t count, const std::vector<std::vector<bool>>& told_apart);

}  // namespace assay::reports
