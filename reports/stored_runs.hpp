// Two stored runs side by side: a description, never a verdict. The machine drifts faster than runs follow
// one another, so that even two runs of the same program differ by more than chance.
//
//     const StoredRuns both = compare_stored(old_run, old_report, new_run, new_report);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::reports {

/// One treatment × metric × statistic that both runs have. `of` is of the second run, `to` of the first.
struct StoredPair {
  Treatment treatment;
  Metric metric;
  std::string statistic;
  const Cell* of = nullptr;
  const Cell* to = nullptr;
  Scale scale = Scale::ratio;
  std::optional<double> effect;  // of / to, or of − to; nothing where a side has no value
  stats::Verdict verdict = stats::Verdict::inconclusive;  // or incomparable
  /// not_interleaved; clock_differs, provenance_differs, unit_differs, machine_differs; else the outcome of a
  /// side that failed
  std::string reason;
};

/// A fact of the manifests in which the runs differ, as shown: "kernel", "Linux 6.1", "Linux 6.18".
struct StoredDifference {
  std::string what;
  std::string of, to;
  bool of_machine = false;  // then nothing is comparable
};

struct StoredRuns {
  std::vector<StoredPair> pairs;  // in the second run's order
  std::vector<StoredDifference> differences;
  std::vector<std::string> only_in_of, only_in_to;  // treatments that the other run lacks
  bool same_experiment = false;                     // the same bytes of experiment file
  bool same_machine = true;
  bool imported = false;  // a side was made elsewhere: on which machine isn't known
  std::string advice;  // how to get a verdict
};

/// Both reports must outlive the result.
StoredRuns compare_stored(const record::RunRecord& to, const Report& to_report, const record::RunRecord& of,
                          const Report& of_report);

/// `schema`, `runs` (two: run, experiment, preset, started), `same_experiment`, `same_machine`, `comparisons`
/// (as in report.json, and `of_value`, `to_value`, `unit`), `differences` (what, of, to), `only_in_of`,
/// `only_in_to`, `advice`.
OrderedJson to_json(const StoredRuns& both, const Report& to, const Report& of, const std::string& to_shown,
                    const std::string& of_shown);

std::string terminal_text(const StoredRuns& both, const Report& to, const Report& of, int width, bool color);

}  // namespace assay::reports
