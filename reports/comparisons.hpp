// The comparisons of a table and their verdicts, and the control copies that decide whether verdicts are
// given at all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/stats/paired_proportions.hpp"
#include "harness/stats/verdict.hpp"
#include "reports/cells.hpp"
#include "reports/contrasts.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// Below this adjusted p a `same` control withholds verdicts. Stricter than the tests it guards: at 5 % every
/// twentieth honest run would lose its verdicts, while what makes a copy differ for a reason (an order that
/// isn't balanced, a neighbour that hits one side) shows far below 1 %, and small lasting biases show in the
/// machine's pool of controls.
inline constexpr double kControlLevel = 0.01;

/// A program against itself (`same`, the negative control) or against itself slowed by a known ratio
/// (`slowed`).
struct Control {
  Role kind = Role::same;
  int metric = -1;                    // index into Planned::metrics
  std::string statistic = "typical";  // or a percentile
  int baseline = -1;                  // whose copy it is; −1 where there is none
  std::optional<double> planted;      // ratio, of `slowed`
  std::optional<Number> ratio;        // copy / baseline
  std::optional<double> p;            // of "ratio 1"
  std::optional<double> p_adjusted;   // Holm over the same controls of this metric
  std::string reason;                 // why it couldn't be had; empty if it could
  bool failed = false;                // `same` is below kControlLevel: the table's verdicts are withheld
};

/// One `same` per baseline for each primary metric that blocks carry and ratios compare, and for each
/// percentile that is asked of it and can be had; a `slowed` beside the elapsed metric's where one was run or
/// is known to be impossible. Never without a `same`.
std::vector<Control> project_controls(const record::RunRecord& run, const Planned& planned);

struct Comparison {
  int of = 0;
  int to = 0;
  int metric = 0;
  std::string statistic;
  Scale scale = Scale::ratio;
  std::optional<Number> effect;  // of / to, or of − to
  int rounds = 0;
  std::optional<double> p;                     // t test of "no difference"
  std::optional<double> p_adjusted;            // Holm over the family as planned
  std::optional<double> p_permutation;         // from 6 rounds on
  std::optional<double> p_equivalence;         // TOST, Holm over the equivalence tests
  std::optional<stats::Verdict> verdict;       // none for a modelled side or a side that failed
  bool detectable = false;                     // equivalent, and yet significantly different
  std::optional<std::int64_t> further_rounds;  // that would settle an inconclusive one
  std::string word;       // of the metric: faster, smaller, less accurate; empty without a difference
  std::string reason;     // not_interleaved, control_failed, baseline_failed, an outcome, modelled, …
  bool modelled = false;  // a side is
  /// A proportion that is known item by item on both sides: interval and p are over the items.
  struct Items {
    stats::PairedCounts counts;
    double p_exact = 1;                        // McNemar's; `p` is its mid-p
    std::optional<stats::RatioInterval> kept;  // of / to
    struct Gate {
      double threshold = 0;  // of the baseline's share
      double p = 1;          // one-sided, of "less than that"
      bool passed() const { return p < stats::kSignificant; }
    };
    std::array<Gate, 2> gates = {};
  };
  std::optional<Items> items;
  bool quotient_differs = false;  // from the ratio, by more than the half-width
  std::vector<std::string> remarks;
};

/// In the order of the primary metrics, then of the plan.
std::vector<Comparison> project_comparisons(const record::RunRecord& run, const Planned& planned,
                                            const std::vector<Cell>& cells,
                                            const std::vector<Control>& controls);

/// Beyond, the honest advice is that the effect is not there to be found.
inline constexpr std::int64_t kMostFurtherRounds = 1000;

/// With so many more rounds every inconclusive comparison would be settled for which a number worth naming
/// would do; nullopt where there is none, or where the run can't be extended (assay run --extend).
std::optional<std::int64_t> rounds_to_settle(const record::RunRecord& run, const Planned& planned,
                                             const std::vector<Comparison>& comparisons);

const Comparison* find_comparison(const std::vector<Comparison>& comparisons, int of, int to, int metric,
                                  const std::string& statistic);

/// Verdicts of this metric's table are withheld: of a percentile by its own controls, of all else by those of
/// the typical value.
bool controls_failed(const std::vector<Control>& controls, int metric, const std::string& statistic);

/// "faster", "smaller", "more accurate": what a metric's value being lower (or higher) is called.
std::string word_for(const Metric& metric, bool lower);

}  // namespace assay::reports
