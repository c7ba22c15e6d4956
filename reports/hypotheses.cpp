#include "reports/hypotheses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/stats/location.hpp"
#include "harness/stats/multiplicity.hpp"
#include "reports/contrasts.hpp"
#include "reports/sentences.hpp"

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
  bool logarithmic = false;  // the estimate's location is in logarithms
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
    const auto cell = std::find_if(cells_.begin(), cells_.end(),
                                   [&](const Cell& c) { return c.treatment == side && c.metric == metric; });
    if (const auto why = unavailable(statistic)) return *why;
    if (cell == cells_.end() || cell->ending.ok()) return "";
    const auto& treatment = planned_.treatments[static_cast<std::size_t>(side)];
    return fmt::format("{}: {} ({})", short_name(treatment, planned_.factors), name_of(cell->ending.outcome),
                       cell->ending.reason);
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
    d.result.modelled = is_modelled(h.of, metric_index) || (h.to >= 0 && is_modelled(h.to, metric_index));
    if (h.form == Form::value) {
      d.estimate = own_value(run_, planned_, of, metric, h.statistic);
      d.logarithmic = natural_scale(metric.metric) == Scale::ratio && h.statistic != "mean" &&
                      metric.estimand == plan::Estimand::typical;
    } else {
      const Scale scale = h.form == Form::ratio ? Scale::ratio : Scale::difference;
      d.estimate = contrast(run_, planned_, of, to, metric, h.statistic, scale).estimate;
      d.logarithmic = scale == Scale::ratio;
      if (!d.estimate) d.result.reason = "not_interleaved";
    }
    if (!d.estimate) return;
    d.result.effect = number_of(*d.estimate);
    d.result.rounds = d.estimate->n;
    if (!d.estimate->location) {
      d.result.reason = d.estimate->warnings.empty() ? "no interval" : d.estimate->warnings.front();
      return;
    }
    if (controls_failed(controls_, metric_index)) d.result.reason = "control_failed";
    // A ratio with a modelled side is no measurement of either; its number is printed, the claim stays open.
    if (d.result.modelled) d.result.reason = "modelled";
    // Of a bound that no ratio can reach (≤ 0) the interval alone decides.
    if (d.logarithmic && !(h.bound > 0)) return;
    d.result.p = stats::two_sided_p(*d.estimate->location, d.logarithmic ? std::log(h.bound) : h.bound);
  }

  void decide(Draft& d) const {
    HypothesisResult& r = d.result;
    if (!r.reason.empty() || !r.effect) return;
    const auto by_interval = stats::judge_hypothesis(r.effect->interval, r.planned.relation, r.planned.bound);
    const bool survives = !r.p_adjusted || *r.p_adjusted < stats::kSignificant;
    if (survives) {
      r.verdict = by_interval;
    } else if (by_interval != stats::HypothesisVerdict::inconclusive) {
      const bool alone =
          planned_.hypotheses.size() == 1;  // then it is the earlier looks that it doesn't survive
      r.reason = alone ? "not_significant_after_looks" : "not_significant_in_family";
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
