// What a plan can show before it is run: the smallest difference that it would find, and how long a wanted precision
// takes. Needs to know how much rounds differ, which no plan can: see Spread.
//
//     const Forecast f = forecast(plan, calibration, costs, spread);
//     if (f.smallest_difference) say("finds differences from", *f.smallest_difference);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/plan/plan.hpp"
#include "harness/run/calibration.hpp"
#include "harness/stats/second_stage.hpp"

namespace assay::run {

/// How much rounds differ, and who says so.
struct Spread {
  std::vector<stats::PilotPair> pairs;  // as in the plan; empty where only `sd` is known
  std::optional<double> sd;             // of a round's log ratio, of all pairs alike; where `pairs` is empty
  std::string source;                   // for people: "run 20261124T224600Z-c4086b3b"
};

/// What is known of one comparison of the table.
struct PairForecast {
  int of = 0;
  int to = 0;
  std::optional<double> sd;                   // between rounds, of the log ratio
  std::optional<double> smallest_difference;  // ratio − 1
};

struct Forecast {
  double power = 0.8;
  double alpha = 0.05;   // two-sided, of the whole table
  int comparisons = 0;   // of the table: Holm's strictest step is alpha / comparisons
  std::vector<PairForecast> pairs;            // of the table
  std::optional<double> sd;                   // of the pair that differs most
  std::optional<double> smallest_difference;  // ratio − 1: that every comparison of the table would find
  std::string reason;                         // why that is unknown; empty where it isn't
  /// Only with a precision_target, and where sd is known.
  struct Precision {
    int quads = 1;                             // of the rounds after the pilot
    std::int64_t rounds = 0, low = 0, high = 0;  // pilot included; nine of ten pilots ask for low to high
    double minutes = 0, minutes_low = 0, minutes_high = 0;
    bool over_budget = false;                  // `minutes` is more than the preset's budget
  };
  std::optional<Precision> precision;
};

/// Pure. `costs`: of a round before its first quad, and of a quad. A group with single passes counts as one quad.
/// Without `spread` the smallest difference is known only under a precision target (Stein's theorem).
Forecast forecast(const plan::Plan& plan, const Calibration& calibration, const stats::Costs& costs,
                  const std::optional<Spread>& spread);

}  // namespace assay::run
