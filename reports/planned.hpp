// What the manifest fixed before the first block, as types. A run folder is reported from this alone: the
// suite that its experiment came from need not exist on the reader's machine.
//
//     Result<Planned> planned = read_planned(run);
//     for (const PlannedPair& pair : planned->pairs) compare(pair.of, pair.to);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/metric.hpp"
#include "harness/core/result.hpp"
#include "harness/core/treatment.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/record/run_record.hpp"
#include "harness/stats/verdict.hpp"

namespace assay::reports {

struct PlannedMetric {
  Metric metric;
  int index = -1;       // into RunRecord::metric_names; −1: no block or replicate gave it
  bool primary = true;  // compared, not only shown
  std::vector<std::string> statistics{"typical"};  // as requested
  double margin = 0.01;  // of equivalence; relative for ratio metrics, else in the metric's unit
  plan::Estimand estimand = plan::Estimand::typical;
};

/// Indexes into Planned::treatments.
struct PlannedPair {
  int of = 0;
  int to = 0;
  bool in_table = true;
};

struct PlannedHypothesis {
  std::string id;
  std::string claim;
  std::string metric;
  std::string statistic = "typical";
  plan::Hypothesis::Form form = plan::Hypothesis::Form::ratio;
  int of = -1;
  int to = -1;  // −1 for `value`
  stats::Relation relation = stats::Relation::less_equal;
  double bound = 0;
};

/// A row of somebody else's table, in base units; what it doesn't give is absent.
struct PublishedRow {
  std::string version;  // the level of the ladder's factor that it stands beside
  std::optional<double> time_s, flop_per_s, speedup_absolute, speedup_relative, peak_fraction;
  std::optional<double> value;  // of the ladder's metric where that is no time: a count
};
struct Published {
  std::string source;
  std::string doi;
  std::string machine;
  std::string setup;  // "f64, n = 4096"
  std::vector<PublishedRow> rows;
};

struct Planned {
  std::string question;
  std::string rationale;
  std::vector<plan::Factor> factors;  // in the experiment file's order
  Treatment controls;
  plan::Placement placement = plan::Placement::interleaved;
  std::vector<Treatment> treatments;            // levels in the order of `factors`
  std::vector<std::optional<int>> baseline_of;  // per treatment
  std::vector<std::string> workers;             // names; per treatment
  std::vector<std::string> libraries;  // what each one's worker said of itself: "openblas 0.3.21 SkylakeX"
  std::vector<PlannedMetric> metrics;  // in the order of the report
  std::vector<PlannedPair> pairs;
  std::string design;          // "factorial", …; empty: not said
  Treatment baseline_levels;   // as the experiment file names them
  std::vector<int> baselines;  // those whose copies are controls, in plan order
  plan::Table table;
  std::vector<PlannedHypothesis> hypotheses;
  std::uint64_t seed = 585;  // of drawn permutations: the experiment's
  std::optional<int> pilot;  // rounds of the pilot, where Stein's rule fixed their number
  std::optional<Published> published;
  /// Earlier runs whose rounds these are too, in order; each was reported before it was extended.
  std::vector<record::Extended> extends;
  /// What their looks cost: every p of a verdict is multiplied by it (stats/repeated_looks.hpp).
  double p_factor = 1;
};

/// An Error says which field of manifest.json can't be used.
Result<Planned> read_planned(const record::RunRecord& run);

/// "int8", or "batch 64" where the level alone would say too little: a number or boolean.
std::string level_text(std::string_view factor, const Level& level);
/// "int8 at batch 1": the levels in which `treatment` differs from `other`, then those they share.
std::string differing_text(const Treatment& treatment, const Treatment& other);
std::string common_text(const Treatment& treatment, const Treatment& other);
/// Every level, without factors that have only one: the shortest name that is unique in this table.
std::string short_name(const Treatment& treatment, const std::vector<plan::Factor>& factors);

/// A run that `assay compare` began, be it a gate over an experiment file: only that verb goes on with it.
bool is_of_compare(std::string_view experiment, std::string_view preset);

}  // namespace assay::reports
