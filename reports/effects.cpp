#include "reports/effects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/core/statistic.hpp"
#include "harness/stats/factorial.hpp"
#include "harness/stats/multiplicity.hpp"
#include "reports/contrasts.hpp"
#include "reports/imported.hpp"

namespace assay::reports {

namespace {

using record::RunRecord;

/// The design as a full cross: factors of at least two levels, the reference of each, and which treatment is
/// which cell.
struct Design {
  std::vector<const plan::Factor*> factors;
  std::vector<int> levels, reference;
  std::vector<int> treatment_of_cell;  // −1: left out

  std::size_t cells() const { return treatment_of_cell.size(); }
};

int index_of(const plan::Factor& factor, const Level* level) {
  if (!level) return -1;
  const auto found = std::find(factor.levels.begin(), factor.levels.end(), *level);
  return found == factor.levels.end() ? -1 : static_cast<int>(found - factor.levels.begin());
}

std::optional<Design> design_of(const Planned& planned) {
  if (planned.design != "factorial" || planned.table.kind != plan::Table::Kind::comparison)
    return std::nullopt;
  Design design;
  std::size_t cells = 1;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() < 2) continue;
    design.factors.push_back(&factor);
    design.levels.push_back(static_cast<int>(factor.levels.size()));
    design.reference.push_back(std::max(0, index_of(factor, planned.baseline_levels.find(factor.name))));
    cells *= factor.levels.size();
  }
  if (design.factors.size() < 2) return std::nullopt;
  design.treatment_of_cell.assign(cells, -1);
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    std::size_t cell = 0;
    for (std::size_t f = 0; f < design.factors.size(); ++f) {
      const int level = index_of(*design.factors[f], planned.treatments[t].find(design.factors[f]->name));
      if (level < 0) return std::nullopt;  // a treatment of no level isn't of this design
      cell = cell * static_cast<std::size_t>(design.levels[f]) + static_cast<std::size_t>(level);
    }
    design.treatment_of_cell[cell] = static_cast<int>(t);
  }
  return design;
}

class Effects {
public:
  Effects(const RunRecord& run, const Planned& planned, const std::vector<Cell>& cells, const Design& design,
          int metric, std::string statistic, bool withheld)
      : run_(run),
        planned_(planned),
        cells_(cells),
        design_(design),
        metric_(metric),
        statistic_(std::move(statistic)),
        withheld_(withheld) {}

  std::vector<Effect> project() {
    link();
    std::vector<Effect> effects;
    for (const stats::FactorialEffect& f : stats::factorial_effects(design_.levels, design_.reference))
      effects.push_back(effect(f));
    std::vector<std::optional<double>> p;
    for (const Effect& e : effects) p.push_back(e.p);
    auto adjusted = stats::holm_adjusted(p, p.size());
    stats::multiply_p(adjusted, planned_.p_factor);
    for (std::size_t i = 0; i < effects.size(); ++i) effects[i].p_adjusted = adjusted[i];
    return effects;
  }

private:
  const PlannedMetric& metric() const { return planned_.metrics[static_cast<std::size_t>(metric_)]; }
  const Cell* cell_of(std::size_t cell) const {
    const int t = design_.treatment_of_cell[cell];
    return t < 0 ? nullptr : find_cell(cells_, t, metric_, statistic_);
  }

  /// Who was beside whom. With its own baseline first, so that what can be had within one group is; then with
  /// what was beside it besides, which joins the groups.
  void link() {
    std::map<int, std::size_t> cell_of_treatment;
    for (std::size_t c = 0; c < design_.cells(); ++c) {
      const Cell* cell = cell_of(c);
      if (cell && cell->ending.ok()) cell_of_treatment[cell->treatment] = c;
    }
    for (const record::Round& r : run_.rounds) {
      if (r.state == record::RoundState::complete) rounds_.push_back(r.number);
    }
    const auto add = [&](int of, int to) {
      const auto a = cell_of_treatment.find(of), b = cell_of_treatment.find(to);
      if (of == to || a == cell_of_treatment.end() || b == cell_of_treatment.end()) return;
      const auto by_round = round_log_ratios(run_, {.treatment = of, .role = Role::plain},
                                             {.treatment = to, .role = Role::plain}, metric(), statistic_);
      if (by_round.empty()) return;
      stats::Link link{static_cast<int>(a->second), static_cast<int>(b->second), {}, 0};
      link.clock_term = clock_term_of(run_, metric(), {{of, Role::plain}, {to, Role::plain}});
      for (const int r : rounds_) {
        const auto found = by_round.find(r);
        link.rounds.push_back(found == by_round.end() ? std::nullopt : std::optional(found->second));
      }
      links_.push_back(std::move(link));
    };
    for (std::size_t t = 0; t < planned_.baseline_of.size(); ++t) {
      if (const auto& baseline = planned_.baseline_of[t]) add(static_cast<int>(t), *baseline);
    }
    for (const PlannedPair& pair : planned_.pairs) add(pair.of, pair.to);
    // Baselines were beside each other where a group has several, and groups met where one is in both.
    for (std::size_t i = 0; i < planned_.baselines.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) add(planned_.baselines[i], planned_.baselines[j]);
    }
  }

  Effect effect(const stats::FactorialEffect& f) const {
    Effect e;
    e.metric = metric_;
    e.statistic = statistic_;
    for (const auto& l : f.of) {
      const plan::Factor& factor = *design_.factors[static_cast<std::size_t>(l.factor)];
      e.of.set(factor.name, factor.levels[static_cast<std::size_t>(l.level)]);
      e.to.set(
          factor.name,
          factor.levels[static_cast<std::size_t>(design_.reference[static_cast<std::size_t>(l.factor)])]);
    }
    for (std::size_t c = 0; c < f.weights.size(); ++c) {
      if (f.weights[c] == 0) continue;
      const Cell* cell = cell_of(c);
      if (!cell) {
        e.reason = "not_planned";
      } else if (!cell->ending.ok()) {
        e.failed.push_back(cell->treatment);
      } else if (cell->provenance == Provenance::modelled && e.reason.empty()) {
        e.reason = "modelled";
      }
    }
    if (!e.failed.empty() && e.reason != "not_planned") e.reason = "cell_failed";
    if (!e.reason.empty()) return e;
    const auto values = stats::contrast_rounds(f.weights, links_);
    if (!values || values->values.empty()) {
      e.reason = "not_interleaved";
      return e;
    }
    stats::EstimateSettings settings;
    settings.seed = planned_.seed;
    settings.clock_term = values->clock_term;
    settings.deterministic_if_equal = metric().metric.can_be_exact();
    if (planned_.pilot) {  // what of it these cells lived through
      settings.pilot =
          static_cast<int>(std::count_if(values->rounds.begin(), values->rounds.end(),
                                         [&](std::size_t r) { return rounds_[r] <= *planned_.pilot; }));
    }
    const auto estimate = stats::ratio_from_rounds(values->values, settings);
    e.ratio = number_of(*estimate);
    e.rounds = estimate->n;
    if (!estimate->interval) {
      e.reason = e.rounds < 2 ? "fewer than 2 rounds" : "no interval";
    } else if (withheld_) {
      e.reason = "control_failed";
    } else if (metric().metric.provenance == Provenance::imported && e.rounds < kFewestImportedRounds) {
      e.reason = "too_few_imported_rounds";
    } else {
      e.p = estimate->p_t;
    }
    return e;
  }

  const RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
  const Design& design_;
  int metric_;
  std::string statistic_;
  bool withheld_;
  std::vector<int> rounds_;
  std::vector<stats::Link> links_;
};

}  // namespace

std::vector<Effect> project_effects(const RunRecord& run, const Planned& planned,
                                    const std::vector<Cell>& cells, const std::vector<Control>& controls) {
  std::vector<Effect> all;
  const auto design = design_of(planned);
  if (!design) return all;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    const PlannedMetric& metric = planned.metrics[m];
    if (!metric.primary || natural_scale(metric.metric) != Scale::ratio) continue;
    for (const std::string& statistic : metric.statistics) {
      if (percentile_of(statistic)) continue;  // of a tail, which no mirrored blocks pair
      const bool withheld = controls_failed(controls, static_cast<int>(m), statistic);
      auto effects =
          Effects(run, planned, cells, *design, static_cast<int>(m), statistic, withheld).project();
      std::move(effects.begin(), effects.end(), std::back_inserter(all));
    }
  }
  return all;
}

std::vector<Warning> effect_warnings(const Planned& planned, const std::vector<Effect>& effects) {
  std::vector<std::string> missing, failed;
  const auto add = [](std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  };
  for (const Effect& e : effects) {
    if (e.reason != "cell_failed") continue;
    add(missing, effect_text(e.of));
    for (const int t : e.failed)
      add(failed, short_name(planned.treatments[static_cast<std::size_t>(t)], planned.factors));
  }
  if (missing.empty()) return {};
  constexpr std::size_t kShown = 6;
  const std::size_t more = missing.size() - std::min(missing.size(), kShown);
  missing.resize(missing.size() - more);
  return {{"effects_missing",
           fmt::format(
               "an effect needs all of its cells, and {} failed: no effect of {}{}. Mend it, or leave the "
               "level out of the design",
               fmt::join(failed, "; "), fmt::join(missing, ", "),
               more > 0 ? fmt::format(" and {} more", more) : "")}};
}

std::string effect_text(const Treatment& levels) {
  std::vector<std::string> words;
  for (const auto& [factor, level] : levels.levels()) words.push_back(level_text(factor, level));
  return fmt::format("{}", fmt::join(words, " × "));
}

}  // namespace assay::reports
