// Comparisons of the yardstick (hardware/cpu/yardstick.hpp) with itself, or with a copy that does a known share more: by the
// same pipeline as every experiment, from a plan to a report, in a second or less.
//
//     auto yardstick = Yardstick::open(places, machine);
//     const auto c = yardstick->compare({.planted = 1.02, .seconds = 3, .seed = 1}, trace, interrupted());
//     if (c->ratio && c->p < 0.05) print(c->ratio->value);
//
// With nothing planted and equal working sets it is one treatment, and its control copy is the other side: an A/A
// comparison. Else it is two treatments, with the control copy of the baseline beside them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/places.hpp"
#include "cli/spread.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/trace.hpp"
#include "reports/report.hpp"

namespace assay::cli {

/// Where the controls of comparisons with nothing planted are kept as theirs.
inline constexpr const char* kYardstickExperiment = "assay/aa";

struct YardstickWish {
  double planted = 1;                                  // of the second side: ≥ 1
  std::array<std::int64_t, 2> working_set_bytes{0, 0};  // of the baseline and of the second side
  double seconds = 0.8;                                // that the comparison should take, start to verdict
  int rounds = 0;                                      // 0: chosen by `seconds`
  int quads = 0;                                       // a round; 0: chosen
  std::uint64_t seed = 1;                              // of all orders

  bool one_treatment() const { return planted == 1 && working_set_bytes[0] == working_set_bytes[1]; }
};

/// Rounds and quads; 7 rounds are the fewest, however short the time.
struct YardstickShape {
  int rounds = 7;
  int quads = 4;
};
YardstickShape shape_of(const YardstickWish& wish);

struct YardstickComparison {
  std::optional<reports::Number> ratio;  // second side / baseline
  std::optional<double> p;               // of "ratio 1"
  std::string verdict;                   // of METHODOLOGY: better, worse, equivalent, inconclusive; empty: none could be given
  std::string reason;                    // why it has no ratio, or why its verdict was withheld; else empty
  Spread spread;
  double wall_s = 0;                     // from the plan to the verdict
  record::RunRecord run;                 // whose folder is gone
  reports::Report report;
};

class Yardstick {
 public:
  /// Calibrates the steps of an iteration of `iteration_s`: some 20 ms on the CPU that comparisons will run on. An Error if
  /// the worker isn't beside this assay.
  static Result<Yardstick> open(const AllPlaces& places, const run::Machine& machine, double iteration_s = 0.001);

  /// The caller holds the machine's lock. An Error is Assay's own failure, or the interrupt.
  Result<YardstickComparison> compare(const YardstickWish& wish, run::Trace& trace, const run::InterruptFlag& interrupt) const;

  std::int64_t steps() const { return steps_; }

 private:
  Yardstick(plan::Places places, run::Machine machine, std::int64_t steps)
      : places_(std::move(places)), machine_(std::move(machine)), steps_(steps) {}

  plan::Places places_;
  run::Machine machine_;
  std::int64_t steps_;
};

}  // namespace assay::cli
