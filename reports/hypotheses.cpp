#include "reports/hypotheses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/statistic.hpp"
#include "harness/stats/location.hpp"
#include "harness/stats/multiplicity.hpp"
#include "reports/contrasts.hpp"
#include "reports/item_results.hpp"
#include "reports/sentences.hpp"
#include "reports/tails.hpp"

namespace assay::reports {

namespace {

using Form = plan::Hypothesis::Form;

int metric_named(const Planned& planned, const std::string& name) {
  for (std::size_t i = 0; i < planned.metrics.size(); ++i) {
    if (planned.metrics[i].metric.name == name) return static_cast<int>(i);
  }
  return -1;
}

struct Draft {
  HypothesisResult result;
  std::optional<stats::Estimate> estimate;
};

class Hypotheses {
public:
  Hypotheses(const record::RunRecord& run, const Planned& planned, const std::vector<Cell>& cells,
             const std::vector<Control>& controls)
      : run_(run), planned_(planned), cells_(cells), controls_(controls) {}

  std::vector<HypothesisResult> project() {
    std::vector<Draft> drafts;
    for (const PlannedHypothesis& h : planned_.hypotheses) drafts.push_back(draft(h));
    std::vector<std::optional<double>> p;
    for (const Draft& d : drafts) p.push_back(d.result.p);
    auto adjusted = stats::holm_adjusted(p, p.size());
    stats::multiply_p(adjusted, planned_.p_factor);
    std::vector<HypothesisResult> results;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      drafts[i].result.p_adjusted = adjusted[i];
      decide(drafts[i]);
      drafts[i].result.sentence = hypothesis_sentence(drafts[i].result, planned_, cells_);
      results.push_back(std::move(drafts[i].result));
    }
    return results;
  }

private:
  Draft draft(const PlannedHypothesis& h) const {
    Draft d;
    d.result.planned = h;
    const int metric = metric_named(planned_, h.metric);
    if (metric < 0) {
      d.result.reason = fmt::format("metric '{}' was not measured", h.metric);
      return d;
    }
    for (const int side : {h.of, h.to}) {
      if (side < 0) continue;
      if (const std::string failed = failure(side, metric, h.statistic); !failed.empty()) {
        d.result.reason = failed;
        return d;
      }
    }
    estimate(h, metric, d);
    return d;
  }

  /// Why a side has no value; empty if it has one. A hypothesis may ask for a statistic that no table shows.
  std::string failure(int side, int metric, const std::string& statistic) const {
    const record::Side plain{.treatment = side, .role = Role::plain};
    const auto said = [&](const Ending& ending) {
      const auto& treatment = planned_.treatments[static_cast<std::size_t>(side)];
      return fmt::format("{}: {} ({})", short_name(treatment, planned_.factors), name_of(ending.outcome),
                         ending.reason);
    };
    if (const Ending ending = ending_of(run_, plain); !ending.ok()) return said(ending);
    const PlannedMetric& planned = planned_.metrics[static_cast<std::size_t>(metric)];
    if (const auto why = no_percentile(run_, planned_, plain, planned, statistic)) return *why;
    const auto cell = std::find_if(cells_.begin(), cells_.end(), [&](const Cell& c) {
      return c.treatment == side && c.metric == metric &&
             (c.statistic == statistic || !percentile_of(c.statistic));
    });
    return cell == cells_.end() || cell->ending.ok() ? "" : said(cell->ending);
  }

  bool is_modelled(int side, int metric) const {
    return std::any_of(cells_.begin(), cells_.end(), [&](const Cell& c) {
      return c.treatment == side && c.metric == metric && c.provenance == Provenance::modelled;
    });
  }

  void estimate(const PlannedHypothesis& h, int metric_index, Draft& d) const {
    const PlannedMetric& metric = planned_.metrics[static_cast<std::size_t>(metric_index)];
    const record::Side of{.treatment = h.of, .role = Role::plain};
    const record::Side to{.treatment = h.to, .role = Role::plain};
    std::optional<double> p;
    d.result.modelled = is_modelled(h.of, metric_index) || (h.to >= 0 && is_modelled(h.to, metric_index));
    if (h.form == Form::value) {
      d.estimate = own_value(run_, planned_, of, metric, h.statistic);
      if (d.estimate) p = p_of_value(h, of, metric, *d.estimate, d.result);
    } else {
      const Scale scale = h.form == Form::ratio ? Scale::ratio : Scale::difference;
      const Contrast found = contrast(run_, planned_, of, to, metric, h.statistic, scale);
      d.estimate = found.estimate;
      p = p_of_bound(found, h.bound);
      if (found.items) d.result.items = found.items->items();
      if (!d.estimate) d.result.reason = "not_interleaved";
    }
    if (!d.estimate) return;
    d.result.effect = number_of(*d.estimate);
    d.result.rounds = d.estimate->n;
    if (!d.estimate->interval) {
      d.result.reason = d.estimate->warnings.empty() ? "no interval" : d.estimate->warnings.front();
      return;
    }
    if (controls_failed(controls_, metric_index, h.statistic)) d.result.reason = "control_failed";
    // A ratio with a modelled side is no measurement of either; its number is printed, the claim stays open.
    if (d.result.modelled) d.result.reason = "modelled";
    // Of a bound that no ratio can reach (≤ 0) there is no p, and the interval alone decides.
    d.result.p = p;
  }

  /// p of "the value is the bound".
  std::optional<double> p_of_value(const PlannedHypothesis& h, record::Side of, const PlannedMetric& metric,
                                   const stats::Estimate& estimate, HypothesisResult& result) const {
    if (const auto items = item_results(run_, of, metric)) {
      result.items = items->count;
      return share_p(*items, h.bound);
    }
    return own_value_p(run_, of, metric, h.statistic, estimate, h.bound);
  }

  void decide(Draft& d) const {
    HypothesisResult& r = d.result;
    if (!r.reason.empty() || !r.effect) return;
    const auto by_interval = stats::judge_hypothesis(r.effect->interval, r.planned.relation, r.planned.bound);
    const bool survives = !r.p_adjusted || *r.p_adjusted < stats::kSignificant;
    if (survives) {
      r.verdict = by_interval;
    } else if (by_interval != stats::HypothesisVerdict::inconclusive) {
      // Alone, and looked at once, it fails where interval and test are two methods, as of items.
      const bool looked = planned_.hypotheses.size() == 1 && planned_.p_factor > 1;
      r.reason = looked ? "not_significant_after_looks" : "not_significant_in_family";
    }
  }

  const record::RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
  const std::vector<Control>& controls_;
};

}  // namespace

std::vector<HypothesisResult> project_hypotheses(const record::RunRecord& run, const Planned& planned,
                                                 const std::vector<Cell>& cells,
                                                 const std::vector<Control>& controls) {
  return Hypotheses(run, planned, cells, controls).project();
}

}  // namespace assay::reports
