// How the two sides of a comparison scattered, and what its rounds and quads cost: from here it can be told what another
// comparison of such work would resolve in a given time.
//
//     const Spread s = spread_of(run, {0, Role::same}, {0, Role::plain}, metric.index);
//     if (s.sd) print(*s.sd, s.rounds, s.round_s());
#pragma once

#include <optional>

#include "harness/record/run_record.hpp"

namespace assay::cli {

/// Deviations are of log ratios, times in seconds of wall clock.
struct Spread {
  int rounds = 0;
  int quads = 0;                     // in a round
  std::optional<double> sd;          // of the rounds' values d_r; absent below 2 rounds
  std::optional<double> sd_between;  // components: of the rounds' true values,
  std::optional<double> sd_within;   // and of one quad about its round's; absent unless some round has 2 quads
  double start_s = 0;                // of a round before and after its quads: both processes' start, warm-up, check, end
  double quad_s = 0;                 // of one more quad: two blocks of each side with their settling
  double fixed_s = 0;                // of the run, once: the rehearsal of both sides

  double round_s() const { return start_s + quads * quad_s; }
};

/// Of metric `metric` (an index into RunRecord::metric_names). What the run took beyond its blocks and starts is shared
/// alike by its processes. Source of the components: Searle, Casella & McCulloch 1992 (stats/allocation.hpp).
Spread spread_of(const record::RunRecord& run, record::Side of, record::Side to, int metric);

}  // namespace assay::cli
