#include "reports/comparisons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/stats/equivalence.hpp"
#include "harness/stats/multiplicity.hpp"
#include "reports/imported.hpp"

namespace assay::reports {

namespace {

using record::RunRecord;

/// One side comes from elsewhere, the other was measured here.
bool from_elsewhere(Provenance p) {
  return p == Provenance::simulated || p == Provenance::published || p == Provenance::imported;
}

struct Draft {
  Comparison comparison;
  Contrast contrast;
  bool comparable = true;
};

class Family {
public:
  Family(const RunRecord& run, const Planned& planned, const std::vector<Cell>& cells,
         const std::vector<Control>& controls, int metric, const std::string& statistic)
      : run_(run),
        planned_(planned),
        cells_(cells),
        metric_(planned.metrics[static_cast<std::size_t>(metric)]),
        metric_index_(metric),
        statistic_(statistic),
        withheld_(controls_failed(controls, metric, statistic)) {}

  std::vector<Comparison> project() {
    for (const PlannedPair& pair : planned_.pairs) {
      if (pair.in_table) drafts_.push_back(draft(pair));
    }
    adjust();
    std::vector<Comparison> done;
    for (Draft& d : drafts_) {
      decide(d);
      done.push_back(std::move(d.comparison));
    }
    return done;
  }

private:
  Draft draft(const PlannedPair& pair) const {
    Draft d;
    Comparison& c = d.comparison;
    c.of = pair.of;
    c.to = pair.to;
    c.metric = metric_index_;
    c.statistic = statistic_;
    c.scale = natural_scale(metric_.metric);
    const Cell* of = find_cell(cells_, pair.of, metric_index_, statistic_);
    const Cell* to = find_cell(cells_, pair.to, metric_index_, statistic_);
    if (!to->ending.ok()) {
      c.reason = "baseline_failed";
      return d;
    }
    if (!of->ending.ok()) {
      c.reason = name_of(of->ending.outcome);
      return d;
    }
    c.modelled = of->provenance == Provenance::modelled || to->provenance == Provenance::modelled;
    d.comparable = of->clock == to->clock && from_elsewhere(of->provenance) == from_elsewhere(to->provenance);
    if (!d.comparable) {
      c.reason =
          of->clock != to->clock
              ? fmt::format("clocks differ: {} and {}", name_of(of->clock), name_of(to->clock))
              : fmt::format("one side is {}, the other {}", name_of(of->provenance), name_of(to->provenance));
      return d;
    }
    d.contrast = contrast(run_, planned_, {.treatment = pair.of, .role = Role::plain},
                          {.treatment = pair.to, .role = Role::plain}, metric_, statistic_, c.scale);
    if (!d.contrast.estimate) {
      c.reason = "not_interleaved";
      return d;
    }
    fill(*d.contrast.estimate, of->value, to->value, c);
    if (d.contrast.items) c.items = items(*d.contrast.items);
    return d;
  }

  static void fill(const stats::Estimate& e, const std::optional<Number>& of, const std::optional<Number>& to,
                   Comparison& c) {
    c.effect = number_of(e);
    c.rounds = e.n;
    c.p = e.p_t;
    c.p_permutation = e.p_permutation;
    c.remarks = e.warnings;
    if (!e.interval || !of || !to) return;
    const double apart = c.scale == Scale::ratio ? of->value / to->value : of->value - to->value;
    // A deterministic metric has no width; rounding alone is no disagreement.
    const double tolerance = std::max(e.interval->half_width(), 1e-9 * std::fabs(e.value));
    c.quotient_differs = std::fabs(apart - e.value) > tolerance;
  }

  /// What MLPerf Inference asks of a model: 99 % or 99.9 % of the reference's accuracy.
  static Comparison::Items items(const stats::PairedCounts& counts) {
    Comparison::Items items{counts, stats::mcnemar_exact_p(counts), stats::paired_ratio(counts, 0.95), {}};
    constexpr std::array kThresholds{0.99, 0.999};
    for (std::size_t i = 0; i < kThresholds.size(); ++i)
      items.gates[i] = {kThresholds[i], stats::ratio_gate_p(counts, kThresholds[i])};
    return items;
  }

  void adjust() {
    std::vector<std::optional<double>> difference, equivalence;
    for (const Draft& d : drafts_) {
      // A ratio with a modelled side gets no verdict; it still was a planned test, and counts.
      difference.push_back(d.comparison.p);
      equivalence.push_back(d.contrast.p_equivalence);
    }
    auto p = stats::holm_adjusted(difference, difference.size());
    auto q = stats::holm_adjusted(equivalence, equivalence.size());
    stats::multiply_p(p, planned_.p_factor);
    stats::multiply_p(q, planned_.p_factor);
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      drafts_[i].comparison.p_adjusted = p[i];
      drafts_[i].comparison.p_equivalence = q[i];
    }
  }

  void decide(Draft& d) const {
    Comparison& c = d.comparison;
    if (!d.comparable) {
      c.verdict = stats::Verdict::incomparable;
      return;
    }
    if (!d.contrast.estimate) {
      if (c.reason == "not_interleaved") c.verdict = stats::Verdict::inconclusive;
      return;  // a side failed: its reason stands there, and there is nothing to judge
    }
    const double neutral = c.scale == Scale::ratio ? 1 : 0;
    if (c.effect->value != neutral) c.word = word_for(metric_.metric, c.effect->value < neutral);
    if (c.modelled) {
      c.reason = "modelled";
      return;
    }
    c.verdict = stats::Verdict::inconclusive;
    if (withheld_) {
      c.reason = "control_failed";
      return;
    }
    if (!c.effect->interval) {
      c.reason = c.rounds < 2 ? "fewer than 2 rounds" : "no interval";
      return;
    }
    if (metric_.metric.provenance == Provenance::imported && c.rounds < kFewestImportedRounds) {
      c.reason = "too_few_imported_rounds";
      return;
    }
    // Further rounds would be an extension, whose p are multiplied for this look, too.
    constexpr double kMostTests = 1e6;
    const int family =
        static_cast<int>(std::min(kMostTests, static_cast<double>(drafts_.size()) * 2 * planned_.p_factor));
    const stats::Judgement judgement = stats::judge({
        .comparable = true,
        .estimate = &*d.contrast.estimate,
        .p_difference = c.p_adjusted,
        .p_equivalence = c.p_equivalence,
        .better = metric_.metric.direction == Direction::lower ? stats::Better::lower : stats::Better::higher,
        .margin = margin(c.scale),
        .difference_family = family,
        .equivalence_family = family,
    });
    c.verdict = judgement.verdict;
    c.detectable = judgement.detectable;
    c.further_rounds = judgement.further_rounds;
  }

  double margin(Scale scale) const {
    const bool usable = metric_.margin > 0 && (scale == Scale::difference || metric_.margin < 1);
    if (!usable) return 0;
    return scale == Scale::ratio ? stats::log_margin(metric_.margin) : metric_.margin;
  }

  const RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
  const PlannedMetric& metric_;
  int metric_index_;
  const std::string& statistic_;
  bool withheld_;
  std::vector<Draft> drafts_;
};

}  // namespace

std::optional<std::int64_t> rounds_to_settle(const RunRecord& run, const Planned& planned,
                                             const std::vector<Comparison>& comparisons) {
  const bool complete = run.stopped_by == "rounds" || run.stopped_by == "budget";
  if (!complete || planned.pilot) return std::nullopt;
  std::optional<std::int64_t> most;
  for (const Comparison& c : comparisons) {
    const bool open = c.verdict == stats::Verdict::inconclusive && c.reason.empty();
    if (!open || !c.further_rounds || *c.further_rounds > kMostFurtherRounds) continue;
    most = std::max(most.value_or(0), *c.further_rounds);
  }
  return most;
}

std::vector<Comparison> project_comparisons(const RunRecord& run, const Planned& planned,
                                            const std::vector<Cell>& cells,
                                            const std::vector<Control>& controls) {
  std::vector<Comparison> all;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    if (!planned.metrics[m].primary) continue;
    for (const std::string& statistic : planned.metrics[m].statistics) {
      auto family = Family(run, planned, cells, controls, static_cast<int>(m), statistic).project();
      std::move(family.begin(), family.end(), std::back_inserter(all));
    }
  }
  return all;
}

const Comparison* find_comparison(const std::vector<Comparison>& comparisons, int of, int to, int metric,
                                  const std::string& statistic) {
  const auto found = std::find_if(comparisons.begin(), comparisons.end(), [&](const Comparison& c) {
    return c.of == of && c.to == to && c.metric == metric && c.statistic == statistic;
  });
  return found == comparisons.end() ? nullptr : &*found;
}

std::string word_for(const Metric& metric, bool lower) {
  switch (metric.kind) {
    case Kind::time:
      return lower ? "faster" : "slower";
    case Kind::size:
      return lower ? "smaller" : "larger";
    case Kind::rate:
      return lower ? "slower" : "faster";
    default:
      break;
  }
  if (metric.name.find("accuracy") != std::string::npos) return lower ? "less accurate" : "more accurate";
  return lower ? "lower" : "higher";
}

}  // namespace assay::reports
