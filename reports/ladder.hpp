// The ladder: one row a rung, each compared with the baseline (absolute) and with the rung below it
// (relative), and beside it what a paper published for the same rung.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

struct Speedup {
  std::optional<Number> value;  // how many times as fast
  bool modelled = false;
  std::string reason;  // why there is none
};

struct LadderRow {
  int treatment = 0;
  std::string version;             // the level of the factor that is climbed
  int cell = -1;                   // index into Report::cells
  Speedup absolute;                // against the baseline; of the baseline itself 1, without interval
  Speedup relative;                // against the row before; of the first row empty
  bool ceiling = false;            // no rung: `relative` is against the last one
  bool faster_than_before = true;  // the interval of `relative` lies above 1, or there is none to judge by
  int published = -1;              // index into Published::rows
};

/// One ladder for each combination of the other factors.
struct Ladder {
  Treatment shared;  // levels of the other factors
  std::vector<LadderRow> rows;
};

struct Report;

/// What the ladder climbs: a time, or what an emulator counts.
const PlannedMetric& elapsed_of(const Report& report);
/// "running time", or the metric's name.
std::string elapsed_title(const Report& report);
/// "speedup", or of what isn't a time "gain".
std::string gain_word(const Report& report);

/// Empty unless the experiment's table is a ladder.
std::vector<Ladder> project_ladders(const Planned& planned, int elapsed_metric,
                                    const std::vector<Cell>& cells,
                                    const std::vector<Comparison>& comparisons);

}  // namespace assay::reports
