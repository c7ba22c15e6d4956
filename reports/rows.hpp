// Which rows of a comparison stand together, and which of them is the best, where that can be said.
//
//     for (const RowBlock& block : row_blocks(planned)) …       // fp32 and int8 at batch 1, then at batch 64
//     if (is_best(report.best, treatment, metric, "typical")) bold(row);
#pragma once

#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// A baseline and what is compared with it. Where there are several baselines each stands first in its block,
/// so that the base of every ratio is in sight; else the rows are in plan order.
struct RowBlock {
  int baseline = -1;  // −1: nothing in it is compared
  std::vector<int> rows;
};
std::vector<RowBlock> row_blocks(const Planned& planned);

struct Best {
  int treatment = 0;
  int metric = 0;  // index into Planned::metrics
  std::string statistic;
};

/// Of each block, primary metric and statistic of a comparison table: the row whose value is best, if it is
/// significantly better than *every* other row that is ok: paired within rounds, Holm over these tests, and
/// none of the differences equivalent within the margin. Nothing where two rows share no rounds, where a side
/// is modelled, published or imported, where clocks differ, or where the control failed.
std::vector<Best> project_best(const record::RunRecord& run, const Planned& planned,
                               const std::vector<Cell>& cells, const std::vector<Control>& controls);

bool is_best(const std::vector<Best>& best, int treatment, int metric, const std::string& statistic);

}  // namespace assay::reports
