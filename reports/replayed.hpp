// A stored run and its replay: does what was found there hold here? Ratios are compared, never times: a ratio was
// paired within rounds on either machine, a time belongs to its machine.
//
//     const Replayed replayed = compare_replay({run, report}, Side{new_run, new_report}, {.within = 0.1});
//     std::cout << terminal_text(replayed, 100, true);
//
// docs/METHODOLOGY.md, "A replay", has the rule and its reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"
#include "reports/stored_runs.hpp"

namespace assay::reports {

enum class Agreement { agrees, disagrees, not_comparable };
std::string_view name_of(Agreement);  // "agrees", "disagrees", "not_comparable"

struct ReplaySettings {
  double within = 0.1;  // how far apart two ratios may be and agree: (1 − w, 1/(1 − w)); 0 < w < 1
};

/// One comparison of a table, or one hypothesis about two treatments, there and here.
struct ReplayedPair {
  std::string hypothesis;  // its id; empty: a table's comparison
  Treatment of, to;
  Metric metric;
  std::string statistic;
  Scale scale = Scale::ratio;
  struct Found {
    std::optional<Number> effect;  // of / to, or of − to
    std::string verdict;           // "better", …, of a hypothesis "supported", …; empty: none
    int rounds = 0;
  };
  Found stored, here;
  std::optional<Number> change;  // here / stored, or here − stored, with its 95 % interval
  Agreement agreement = Agreement::not_comparable;
  /// Of not_comparable: stored_failed, an outcome, provenance_differs, clock_differs, unit_differs, inputs_differ,
  /// control_failed, no_interval, too_noisy, not_replayed. Of disagrees: verdicts_contradict, ratios_differ.
  std::string reason;
  std::string detail;                          // "needs AVX-512F", "weights.bin"; or empty
  std::optional<std::int64_t> further_rounds;  // here, that would settle a too_noisy one; none: no number would
};

struct ReplayedSide {
  const record::RunRecord& run;
  const Report& report;
};

struct Replayed {
  std::string stored_run, here_run;  // names; `here_run` is empty where nothing could be run
  std::string experiment, preset;
  double within = 0.1;
  std::vector<ReplayedPair> comparisons, hypotheses;
  std::vector<StoredDifference> differences;  // of the environments: `to` there, `of` here
  std::string not_run;                        // why nothing could be run; empty: it was
  int failed = 0;                             // cells that failed here

  int count(Agreement) const;
};

/// Compares what both runs have: a replay of some rows says nothing of the others. Without `here` all is
/// not_comparable, because of `not_run`.
Replayed compare_replay(const ReplayedSide& stored, const std::optional<ReplayedSide>& here,
                        const ReplaySettings& settings, const std::string& not_run = "");

/// The document of `assay replay --json`. `stored_shown` and `here_shown` are the folders.
OrderedJson to_json(const Replayed& replayed, const std::string& stored_shown, const std::string& here_shown);

std::string terminal_text(const Replayed& replayed, const Report& stored, int width, bool color);

}  // namespace assay::reports
