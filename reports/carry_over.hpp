// Carry-over: does a treatment run differently after a neighbour than after itself? No A/A test can see it,
// so every report shows it.
#pragma once

#include <optional>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/comparisons.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

struct CarryOver {
  int treatment = 0;
  std::optional<Number>
      log_ratio;  // log time after own block minus after another's; negative: a neighbour slows it
  int rounds = 0;
  std::optional<Number> uninterrupted;  // log time in one long block minus in the interleaved ones
  std::optional<double> half_width;     // of its narrowest comparison, in logarithms
  bool matters = false;                 // log_ratio is above a quarter of that, and hardly by chance
  bool matters_uninterrupted = false;   // so is `uninterrupted`
  std::optional<double> settle_s;       // for which a block settled: the median over this run's blocks
};

/// One entry for every treatment whose blocks ran after their own and after others'; from the metric that
/// blocks time. What is hardly by chance has p < 1 %, by Holm over both questions of all entries.
std::vector<CarryOver> project_carry_over(const record::RunRecord& run, const Planned& planned,
                                          const std::vector<Comparison>& comparisons);

}  // namespace assay::reports
