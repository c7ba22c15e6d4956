#include "reports/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/core/units.hpp"
#include "reports/imported.hpp"
#include "reports/item_results.hpp"

namespace assay::reports {

namespace {

using Form = plan::Hypothesis::Form;

const Treatment& treatment_at(const Planned& planned, int index) {
  return planned.treatments[static_cast<std::size_t>(index)];
}

const PlannedMetric* metric_named(const Planned& planned, const std::string& name) {
  const auto found = std::find_if(planned.metrics.begin(), planned.metrics.end(),
                                  [&](const PlannedMetric& m) { return m.metric.name == name; });
  return found == planned.metrics.end() ? nullptr : &*found;
}

const Number* value_of(const std::vector<Cell>& cells, const Planned& planned, const PlannedHypothesis& h,
                       int treatment) {
  for (const Cell& cell : cells) {
    const auto& metric = planned.metrics[static_cast<std::size_t>(cell.metric)].metric;
    if (cell.treatment == treatment && metric.name == h.metric && cell.statistic == h.statistic &&
        cell.value) {
      return &*cell.value;
    }
  }
  return nullptr;
}

std::string interval_text(const Printed& printed, std::string_view rest = "") {
  std::string text = printed.exact           ? "exact"
                     : printed.range.empty() ? "no interval"
                                             : fmt::format("95 % CI {}", printed.range);
  return fmt::format("({}{})", text, rest);
}

/// "2.31× (95 % CI 2.25–2.38) as fast as": how a ratio of this kind of metric is said.
std::string ratio_phrase(const Metric& metric, const Number& ratio) {
  const bool is_time = metric.kind == Kind::time;
  const Printed printed = print_ratio(is_time ? inverse(ratio) : ratio);
  const std::string_view adverb = metric.kind == Kind::size              ? "as large as"
                                  : is_time || metric.kind == Kind::rate ? "as fast as"
                                                                         : "that of";
  return fmt::format("{}× {} {}", printed.number, interval_text(printed), adverb);
}

/// "0.41 against 0.95 ms": one unit for both, that of the first.
std::string values_text(const Number& of, const Number& to, const Metric& metric) {
  const Printed first = print(of, metric.unit, metric.kind);
  const Printed second = print(to, metric.unit, metric.kind);
  if (first.unit != second.unit) return fmt::format("{} against {}", first.value, second.value);
  return fmt::format("{} against {}{}", first.number, second.number,
                     first.unit.empty() ? "" : " " + first.unit);
}

/// " at batch 1": what both sides share; empty if nothing.
std::string common_phrase(const Treatment& of, const Treatment& to) {
  const std::string common = common_text(of, to);
  return common.empty() ? "" : " at " + common;
}

std::string difference_text(const Number& difference, const Metric& metric, Printed& printed) {
  const bool lower = difference.value < 0;
  const Number shown =
      lower ? Number{-difference.value, difference.interval
                                            ? std::optional<stats::Interval>(
                                                  {-difference.interval->high, -difference.interval->low})
                                            : std::nullopt}
            : difference;
  printed = print_difference(shown, metric.unit, metric.kind);
  const std::string unit = printed.unit == "pp"   ? " percentage points"
                           : printed.unit.empty() ? ""
                                                  : " " + printed.unit;
  return fmt::format("{}{} {} {}", printed.number, unit, interval_text(printed), lower ? "below" : "above");
}

std::string claim_text(const HypothesisResult& r, const Planned& planned, const Metric& metric,
                       const std::vector<Cell>& cells) {
  const PlannedHypothesis& h = r.planned;
  const Treatment& of = treatment_at(planned, h.of);
  const std::string rounds = r.items > 0 ? over_items_text(r.items) : counted(r.rounds, "round");
  if (h.form == Form::value) {
    const Printed printed = print(*r.effect, metric.unit, metric.kind);
    return fmt::format("{} of {} is {} {}", metric.name, short_name(of, planned.factors), printed.value,
                       interval_text(printed, "; " + rounds));
  }
  const Treatment& to = treatment_at(planned, h.to);
  const Number* of_value = value_of(cells, planned, h, h.of);
  const Number* to_value = value_of(cells, planned, h, h.to);
  const std::string base = of_value && to_value
                               ? fmt::format("({}; {})", values_text(*of_value, *to_value, metric), rounds)
                               : fmt::format("({})", rounds);
  const std::string left = differing_text(of, to);
  const std::string right = differing_text(to, of);
  const std::string common = common_phrase(of, to);
  if (h.form == Form::ratio) {
    const bool named =
        metric.kind == Kind::count || metric.kind == Kind::status || metric.kind == Kind::proportion;
    return named
               ? fmt::format("{} of {} is {} {}{} {}", metric.name, left, ratio_phrase(metric, *r.effect),
                             right, common, base)
               : fmt::format("{} is {} {}{} {}", left, ratio_phrase(metric, *r.effect), right, common, base);
  }
  Printed printed;
  const std::string difference = difference_text(*r.effect, metric, printed);
  return fmt::format("{} of {} is {} that of {}{} {}", metric.name, left, difference, right, common, base);
}

}  // namespace

std::string hypothesis_sentence(const HypothesisResult& result, const Planned& planned,
                                const std::vector<Cell>& cells) {
  const PlannedMetric* metric = metric_named(planned, result.planned.metric);
  std::string text = fmt::format("{} {}: ", result.planned.id, stats::name_of(result.verdict));
  if (result.effect && metric) {
    text += claim_text(result, planned, metric->metric, cells);
    if (!result.reason.empty()) text += "; " + reason_text(result.reason);
  } else {
    text += reason_text(result.reason);
  }
  return text + ".";
}

std::string planted_text(double planted) {
  const double excess = planted - 1;
  return print_percent({excess, stats::Interval{excess, excess}}).value;  // exact: (k + j) / k
}

std::string control_sentence(const Control& control, const Planned& planned, bool name_baseline,
                             bool name_metric) {
  std::string who;
  if (control.kind == Role::same) {
    who = "The same program against itself";
  } else if (control.planted) {
    who = fmt::format("A planted {}", planted_text(*control.planted));
  } else {
    who = "A planted slowdown";
  }
  if (name_baseline && control.baseline >= 0) {
    who += fmt::format(" ({})", short_name(treatment_at(planned, control.baseline), planned.factors));
  }
  const bool special = control.statistic != "typical";
  if ((name_metric || special) && control.metric >= 0) {
    who += fmt::format(", {}{}", planned.metrics[static_cast<std::size_t>(control.metric)].metric.name,
                       special ? "." + control.statistic : "");
  }
  if (!control.ratio) return fmt::format("{}: absent, {}.", who, reason_text(control.reason));
  if (control.kind == Role::same) {
    const Printed p = print_ratio(*control.ratio);
    return fmt::format("{}: {}{}{}.", who, p.number, p.interval.empty() ? "" : " " + p.interval,
                       control.failed           ? "; they differ, so the verdicts are withheld"
                       : control.reason.empty() ? ""
                                                : "; " + control.reason);
  }
  Number slower{control.ratio->value - 1, std::nullopt};
  if (control.ratio->interval)
    slower.interval = {control.ratio->interval->low - 1, control.ratio->interval->high - 1};
  const Printed p = print_percent(slower);
  return fmt::format("{} was read as {}{}{}.", who, p.value, p.interval.empty() ? "" : " " + p.interval,
                     control.reason.empty() ? "" : "; " + control.reason);
}

std::string looks_sentence(const Planned& planned) {
  if (planned.extends.empty()) return "";
  std::vector<std::string> parts;
  int first = 1;
  for (const record::Extended& e : planned.extends) {
    parts.push_back(fmt::format(
        "{} of run {}", e.rounds > first ? fmt::format("{}–{}", first, e.rounds) : fmt::format("{}", first),
        e.run));
    first = e.rounds + 1;
  }
  return fmt::format("Rounds {} were looked at before the others were added: every p is multiplied by {}.",
                     fmt::join(parts, " and "), shortest(Level(planned.p_factor)));
}

std::string verdict_text(const Comparison& c) {
  if (!c.verdict) return reason_text(c.reason);
  switch (*c.verdict) {
    case stats::Verdict::better:
    case stats::Verdict::worse:
      return c.word;
    case stats::Verdict::equivalent:
      return c.detectable ? fmt::format("equivalent ({}, but within the margin)", c.word) : "equivalent";
    case stats::Verdict::incomparable:
      return fmt::format("incomparable: {}", reason_text(c.reason));
    case stats::Verdict::inconclusive:
      break;
  }
  if (!c.reason.empty()) return fmt::format("inconclusive: {}", reason_text(c.reason));
  if (c.further_rounds && *c.further_rounds <= kMostFurtherRounds) {
    return fmt::format(
        "inconclusive: about {} would settle it",
        *c.further_rounds == 1 ? "1 more round" : fmt::format("{} more rounds", *c.further_rounds));
  }
  return "inconclusive";
}

std::string reason_text(const std::string& reason) {
  static const std::map<std::string, std::string> words{
      {"control_failed", "the same program differed from itself"},
      {"baseline_failed", "what it is compared with failed"},
      {"not_interleaved", "never measured in the same rounds"},
      {"modelled", "a side is modelled, so there is no verdict"},
      {"cell_failed", "one of its cells failed"},
      {"not_planned", "one of its cells was left out of the design"},
      {"not_significant_in_family", "not significant among all hypotheses of the experiment"},
      {"not_significant_after_looks", "not significant once the earlier looks are counted"},
      {"clock_differs", "the clocks differ"},
      {"imported", "results made elsewhere have no control"},
      {"too_few_imported_rounds", fmt::format("fewer than {} rounds, imported", kFewestImportedRounds)},
      {"provenance_differs", "one was measured, the other not"},
      {"unit_differs", "the units differ"},
      {"machine_differs", "other machine"},
      {"wrong_answer", "wrong answer"},
      {"timed_out", "timed out"},
      {"out_of_memory", "out of memory"},
      {"invalid_output", "invalid output"},
  };
  const auto found = words.find(reason);
  return found == words.end() ? reason : found->second;
}

}  // namespace assay::reports
