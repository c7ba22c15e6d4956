#include <fmt/format.h>

#include "harness/core/units.hpp"
#include "reports/report.hpp"
#include "reports/sentences.hpp"

namespace assay::reports {

namespace {

using J = OrderedJson;

J number(double value) {
  return stored(value);
}
J number(const std::optional<double>& value) {
  return value ? J(stored(*value)) : J();
}
J text(const std::string& value) {
  return value.empty() ? J() : J(value);
}
J value_of(const std::optional<Number>& n) {
  return n ? number(n->value) : J();
}
J low_of(const std::optional<Number>& n) {
  return n && n->interval ? number(n->interval->low) : J();
}
J high_of(const std::optional<Number>& n) {
  return n && n->interval ? number(n->interval->high) : J();
}

/// What the interval is about; null where there is none.
J interval_over(const std::optional<Number>& n, bool items) {
  return n && n->interval ? J(items ? "items" : "rounds") : J();
}

J estimate(const std::optional<Number>& n) {
  return n ? J{{"value", value_of(n)}, {"low", low_of(n)}, {"high", high_of(n)}} : J();
}

class Document {
public:
  explicit Document(const Report& report) : r_(report), plan_(report.planned) {}

  J build(std::string_view run_shown) const {
    J d;
    d["schema"] = kReportSchema;
    d["run"] = run_shown;
    d["experiment"] = r_.experiment;
    d["preset"] = r_.preset;
    d["planned"] = r_.cells.size();
    d["ran"] = r_.ran();
    d["unsupported"] = r_.unsupported();
    d["failed"] = r_.failed();
    d["cells"] = J::array();
    for (const Cell& c : r_.cells) d["cells"].push_back(cell(c));
    d["comparisons"] = J::array();
    for (const Comparison& c : r_.comparisons) d["comparisons"].push_back(comparison(c));
    d["effects"] = J::array();
    for (const Effect& e : r_.effects) d["effects"].push_back(effect(e));
    d["controls"] = J::array();
    for (const Control& c : r_.controls) d["controls"].push_back(control(c));
    d["hypotheses"] = J::array();
    for (const HypothesisResult& h : r_.hypotheses) d["hypotheses"].push_back(hypothesis(h));
    d["warnings"] = J::array();
    for (const Warning& w : r_.warnings) d["warnings"].push_back({{"kind", w.kind}, {"text", w.text}});
    d["carry_over"] = J::array();
    for (const CarryOver& c : r_.carry_over) d["carry_over"].push_back(carry_over(c));
    d["limits"] = J::array();
    for (const Limit& l : r_.limits) d["limits"].push_back(limit(l));
    d["counters"] = J::array();
    for (const CounterValue& c : r_.counters) d["counters"].push_back(counter(c));
    d["machine"] = text(r_.machine);
    d["imported"] = imported();
    d["costs"] = costs();
    d["extends"] = extends();
    d["run_of_plan"] = r_.run_of_plan > 0 ? J(r_.run_of_plan) : J();
    return d;
  }

private:
  J treatment(int index) const {
    return index < 0 ? J() : to_json(plan_.treatments[static_cast<std::size_t>(index)]);
  }
  const PlannedMetric& metric(int index) const { return plan_.metrics[static_cast<std::size_t>(index)]; }

  J cell(const Cell& c) const {
    return {{"treatment", treatment(c.treatment)},
            {"metric", metric(c.metric).metric.name},
            {"statistic", c.statistic},
            {"unit", metric(c.metric).metric.unit},
            {"outcome", name_of(c.ending.outcome)},
            {"reason", text(c.ending.reason)},
            {"provenance", name_of(c.provenance)},
            {"clock", c.clock == Clock::none ? J() : J(name_of(c.clock))},
            {"value", value_of(c.value)},
            {"low", low_of(c.value)},
            {"high", high_of(c.value)},
            {"confidence", c.value && c.value->interval ? number(c.confidence) : J()},
            {"rounds", c.rounds},
            {"best", is_best(r_.best, c.treatment, c.metric, c.statistic)},
            {"stopped_by", text(r_.stopped_by)},
            {"note", c.deterministic ? J("deterministic")
                                     : text(c.modelled.empty() ? "" : "modelled (" + c.modelled + ")")},
            {"flop_per_s", estimate(c.flop_per_s)},
            {"peak_fraction", estimate(c.peak_fraction)},
            {"bytes_per_s", estimate(c.bytes_per_s)},
            {"throughput", throughput(c)},
            {"flop_per_byte", number(c.intensity)},
            {"bound", text(c.bound)},
            {"bound_fraction", estimate(c.bound_fraction)},
            {"interval_over", interval_over(c.value, c.items.has_value())},
            {"items", c.items ? J{{"right", c.items->right}, {"count", c.items->count}} : J()},
            {"effective_blocks", number(c.effective_blocks)},
            {"within_process", tails(c)}};
  }

  static J throughput(const Cell& c) {
    if (!c.throughput) return {};
    J object = estimate(c.throughput->per_s);
    object["of"] = c.throughput->of;
    return object;
  }

  static J tails(const Cell& c) {
    if (c.tails.empty()) return {};
    J list = J::array();
    for (const ProcessTail& t : c.tails) {
      const auto& bounds = t.within.binomial;
      list.push_back({{"round", t.round},
                      {"samples", t.samples},
                      {"value", number(t.within.value)},
                      {"low", bounds ? number(bounds->low) : J()},
                      {"high", bounds ? number(bounds->high) : J()},
                      {"early_stopping", number(t.within.early_stopping)}});
    }
    return list;
  }

  static J limit(const Limit& l) {
    return {{"name", l.name},
            {"level", text(l.level)},
            {"threads", l.threads},
            {"unit", l.level.empty() ? "FLOP/s" : "B/s"},
            {"value", value_of(l.rate)},
            {"low", low_of(l.rate)},
            {"high", high_of(l.rate)},
            {"in_rounds", l.peak >= 0}};
  }

  J comparison(const Comparison& c) const {
    const bool ratio = c.scale == Scale::ratio;
    return {{"of", treatment(c.of)},
            {"to", treatment(c.to)},
            {"metric", metric(c.metric).metric.name},
            {"ratio", ratio ? value_of(c.effect) : J()},
            {"difference", ratio ? J() : value_of(c.effect)},
            {"low", low_of(c.effect)},
            {"high", high_of(c.effect)},
            {"p_adjusted", number(c.p_adjusted)},
            {"verdict", c.verdict ? J(stats::name_of(*c.verdict)) : J()},
            {"reason", text(c.reason)},
            {"statistic", c.statistic},
            {"p", number(c.p)},
            {"p_permutation", number(c.p_permutation)},
            {"p_equivalence", number(c.p_equivalence)},
            {"margin", number(metric(c.metric).margin)},
            {"word", text(c.word)},
            {"detectable", c.detectable},
            {"modelled", c.modelled},
            {"rounds", c.rounds},
            {"further_rounds", c.further_rounds ? J(*c.further_rounds) : J()},
            {"interval_over", interval_over(c.effect, c.items.has_value())},
            {"items", c.items ? items(*c.items) : J()}};
  }

  static J items(const Comparison::Items& items) {
    J gates = J::array();
    for (const auto& gate : items.gates)
      gates.push_back({{"threshold", gate.threshold}, {"p", number(gate.p)}, {"passed", gate.passed()}});
    return {{"count", items.counts.items()},
            {"both_right", items.counts.both},
            {"only_of_right", items.counts.only_of},
            {"only_to_right", items.counts.only_to},
            {"both_wrong", items.counts.neither},
            {"p_exact", number(items.p_exact)},
            {"ratio", items.kept ? J{{"value", number(items.kept->value)},
                                     {"low", number(items.kept->low)},
                                     {"high", number(items.kept->high)}}
                                 : J()},
            {"gates", gates}};
  }

  J effect(const Effect& e) const {
    return {{"metric", metric(e.metric).metric.name},
            {"statistic", e.statistic},
            {"kind", e.is_interaction() ? "interaction" : "main"},
            {"of", to_json(e.of)},
            {"to", to_json(e.to)},
            {"ratio", value_of(e.ratio)},
            {"low", low_of(e.ratio)},
            {"high", high_of(e.ratio)},
            {"p", number(e.p)},
            {"p_adjusted", number(e.p_adjusted)},
            {"rounds", e.rounds},
            {"reason", text(e.reason)}};
  }

  J control(const Control& c) const {
    J d{{"kind", name_of(c.kind)}};
    if (c.kind == Role::slowed) d["planted"] = number(c.planted);
    d["ratio"] = value_of(c.ratio);
    d["low"] = low_of(c.ratio);
    d["high"] = high_of(c.ratio);
    d["reason"] = text(c.reason);
    d["metric"] = c.metric < 0 ? J() : J(metric(c.metric).metric.name);
    d["statistic"] = c.statistic;
    d["baseline"] = treatment(c.baseline);
    d["p_adjusted"] = number(c.p_adjusted);
    d["failed"] = c.failed;
    return d;
  }

  J hypothesis(const HypothesisResult& h) const {
    return {{"id", h.planned.id},
            {"verdict", stats::name_of(h.verdict)},
            {"sentence", h.sentence},
            {"claim", text(h.planned.claim)},
            {"metric", h.planned.metric},
            {"relation", stats::name_of(h.planned.relation)},
            {"bound", number(h.planned.bound)},
            {"value", value_of(h.effect)},
            {"low", low_of(h.effect)},
            {"high", high_of(h.effect)},
            {"p_adjusted", number(h.p_adjusted)},
            {"rounds", h.rounds},
            {"reason", text(h.reason)},
            {"interval_over", interval_over(h.effect, h.items > 0)}};
  }

  J carry_over(const CarryOver& c) const {
    return {{"treatment", treatment(c.treatment)},
            {"log_ratio", value_of(c.log_ratio)},
            {"low", low_of(c.log_ratio)},
            {"high", high_of(c.log_ratio)},
            {"rounds", c.rounds},
            {"half_width", number(c.half_width)},
            {"settle_s", number(c.settle_s)},
            {"uninterrupted", estimate(c.uninterrupted)},
            {"matters", c.matters},
            {"matters_uninterrupted", c.matters_uninterrupted}};
  }

  J counter(const CounterValue& c) const {
    return {{"treatment", treatment(c.treatment)},
            {"counter", c.counter},
            {"unit", c.unit},
            {"provenance", name_of(c.provenance)},
            {"value", number(c.value.value)},
            {"low", low_of(c.value)},
            {"high", high_of(c.value)},
            {"rounds", c.rounds}};
  }

  /// Of the run that this one goes on from; that names no earlier one again.
  J extends() const {
    if (plan_.extends.empty()) return J();
    const record::Extended& e = plan_.extends.back();
    return {{"run", e.run}, {"rounds", e.rounds}, {"looks", e.looks}, {"p_factor", number(plan_.p_factor)}};
  }

  J imported() const {
    if (!r_.imported) return J();
    const Imported& i = *r_.imported;
    return {{"source", i.source}, {"date", i.date},     {"by", i.by},     {"file", i.file},
            {"sha256", i.sha256}, {"format", i.format}, {"rows", i.rows}, {"rounds", i.rounds ? J(*i.rounds) : J()}};
  }

  J costs() const {
    const Costs& c = r_.costs;
    return {{"rounds", c.rounds},
            {"processes", c.processes},
            {"blocks", c.blocks},
            {"wall_s", number(c.wall_s)},
            {"block_s", number(c.block_s)},
            {"settle_s", number(c.settle_s)},
            {"warmup_s", number(c.warmup_s)},
            {"prepare_s", number(c.prepare_s)},
            {"supervisor_cpu_s", number(c.supervisor_cpu_s)}};
  }

  const Report& r_;
  const Planned& plan_;
};

}  // namespace

OrderedJson to_json(const Report& report, std::string_view run_shown) {
  return Document(report).build(run_shown);
}

}  // namespace assay::reports
