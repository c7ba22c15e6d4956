// What the machine allowed: the peaks that rode along in the rounds, and the sheet that was measured before
// them. For work of known FLOP and bytes the least of them is its bound (the roofline model: Williams,
// Waterman & Patterson 2009).
//
//     const Limits limits(run, planned);
//     if (const auto level = limits.level_of(24e6)) …            // the caches that hold 24 MB: "l3"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// A horizontal or slanted line of the roofline on one number of threads.
struct Limit {
  std::string name;   // "FMA", "L2", "DRAM"
  std::string level;  // "l2", "dram"; empty: floating point
  int threads = 1;
  Number rate;    // FLOP/s; of a level B/s, reading
  int peak = -1;  // index into RunRecord::peaks, measured in the same rounds; −1: of the sheet
};

class Limits {
public:
  /// Nothing without a [peak] in the experiment: it says on how many threads and in which precision.
  Limits(const record::RunRecord& run, const Planned& planned);

  /// By the number of threads, in the peaks' order; then floating point first, nearest level first.
  const std::vector<Limit>& all() const { return all_; }
  /// Null if nothing is known for that many threads.
  const Limit* floating_point(int threads) const;
  const Limit* of_level(const std::string& level, int threads) const;
  /// The nearest level whose caches hold `bytes`, by the sheet; "dram" where none does or nothing is known.
  std::string level_of(double bytes, int threads) const;
  /// That a treatment with this level of `threads` runs on ("all": the run's CPUs); without one, those of the
  /// first peak.
  int threads_of(const Level* level) const;

private:
  std::vector<Limit> all_;
  struct Capacity {
    std::string level;
    int threads = 1;
    double bytes = 0;
  };
  std::vector<Capacity> capacities_;  // of caches, nearest first
  int cpus_ = 1;                      // of the run
};

/// "L2", "DRAM": as people write a level.
std::string level_name(const std::string& level);

}  // namespace assay::reports
