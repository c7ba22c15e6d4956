// Main effects and interactions of a factorial design: what a level does on average over the other factors,
// and whether two do more together than apart.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

struct Effect {
  int metric = 0;
  std::string statistic;
  Treatment of;  // one level: a main effect; two: the interaction of two factors
  Treatment to;  // the reference level of each: the baseline's, or a factor's first
  std::optional<Number> ratio;
  int rounds = 0;
  std::optional<double> p;           // t test of "ratio 1"
  std::optional<double> p_adjusted;  // Holm over all effects of this metric and statistic as planned
  std::string reason;       // why there is none, or no p: cell_failed, not_planned, not_interleaved, …
  std::vector<int> failed;  // treatments that it lacks

  bool is_interaction() const { return of.levels().size() > 1; }
};

/// For `design = "factorial"` with at least two factors of at least two levels, in a comparison table: of
/// each primary metric that ratios compare, and each of its statistics. All effects that the design has are
/// listed.
std::vector<Effect> project_effects(const record::RunRecord& run, const Planned& planned,
                                    const std::vector<Cell>& cells, const std::vector<Control>& controls);

/// One warning where effects can't be had because cells failed: which, and whose failure it was.
std::vector<Warning> effect_warnings(const Planned& planned, const std::vector<Effect>& effects);

/// "int8" or "int8 × batch 64".
std::string effect_text(const Treatment& levels);

}  // namespace assay::reports
