// What the pooled controls say of a machine: how often its comparisons call a program different from itself, and the smallest
// difference that they would find in a given time. Pure: controls in, numbers and sentences out.
//
//     const Certificate c = certify(read_controls(controls_file(), machine_key(facts)).controls);
//     for (Finding& f : findings_of(c)) findings.push_back(std::move(f));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/control_pool.hpp"
#include "cli/finding.hpp"
#include "harness/stats/interval.hpp"

namespace assay::cli {

inline constexpr double kAlpha = 0.05;
inline constexpr double kPower = 0.8;
inline constexpr double kResolvedIn_s[] = {1, 10, 60};

/// Variances of work and what measuring it costs: the means of its comparisons.
struct Resolution {
  double between = 0;   // of rounds, log ratio squared: what no number of quads averages out
  double rest = 0;      // of a round's value with one quad, beyond that
  double start_s = 0;   // of a round
  double quad_s = 0;    // > 0
  double fixed_s = 0;   // of a run

  /// The smallest ratio − 1 that a comparison of `seconds` finds with kPower at kAlpha: the least over all numbers of quads a
  /// round (1 to 40) with as many rounds as then fit, by the noncentral t (stats/power.hpp). That is Kalibera & Jones'
  /// allocation with the loss of a small number of rounds counted in. nullopt where fewer than 7 rounds fit.
  std::optional<double> smallest(double seconds) const;
};

struct Certificate {
  int comparisons = 0;     // of a program with itself, on the metric that blocks time
  int alarms = 0;          // of them, with p < kAlpha
  std::optional<stats::Interval> rate;  // of alarms: 95 %, Clopper & Pearson 1934
  int runs = 0;            // of experiments
  int experiments = 0;
  int dedicated = 0;       // comparisons made for this alone: doctor --aa
  std::string since;       // "2026-11-28"; empty if no control says when
  /// Root mean square of the comparisons' z: 1 where estimates scatter as their standard errors say; 1.1: intervals are 1.1 ×
  /// too narrow. The empirical calibration of Schuemie et al. 2014, without a bias, which copies of one program can't have.
  std::optional<double> z_rms;
  bool z_differs = false;  // from 1, at 5 %
  int planted = 0;         // positive controls,
  int planted_covered = 0; // and those whose 95 % interval has the planted ratio
  int resolution_of = 0;   // comparisons behind `resolved`
  int workloads = 0;       // different ones; 1 and `of_dedicated`: the yardstick
  bool of_dedicated = false;
  std::vector<std::optional<double>> resolved;  // as kResolvedIn_s; ratio − 1; of several workloads the median. Empty: unknown
};

Certificate certify(const std::vector<PooledControl>& controls);

/// "false alarms" and, where it is known, "resolution", always shown; one that says how to get them where there is no control.
std::vector<Finding> findings_of(const Certificate& certificate);

}  // namespace assay::cli
