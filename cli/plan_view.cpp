#include "cli/plan_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.hpp"

namespace assay::cli {

namespace {

/// Two digits: 0.34 %, 5 %.
std::string percent(double share) {
  std::string digits = significant(100 * share, 2);
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return digits + " %";
}

std::string levels_text(const std::vector<Level>& levels) {
  std::string text;
  for (const Level& level : levels) text += (text.empty() ? "" : ", ") + shortest(level);
  return text;
}

std::string treatment_text(const Treatment& treatment) {
  std::string text;
  for (const auto& [name, level] : treatment.levels()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, shortest(level));
  return text;
}

/// "latency_s: s, lower is better; equivalent within 1 %".
std::string metric_text(const plan::Experiment& e, const std::string& name, const std::string& statistic) {
  const plan::MetricSettings* settings = e.settings_of(name);
  const Metric* metric = settings && settings->declared ? &*settings->declared : nullptr;
  const auto of_command = e.command_metrics();
  const auto found = std::find_if(of_command.begin(), of_command.end(), [&](const Metric& m) { return m.name == name; });
  if (!metric && found != of_command.end()) metric = &*found;
  std::string text = statistic == "typical" ? name : fmt::format("{}, {}", name, statistic);
  if (metric) text += fmt::format(": {}, {} is better", metric->unit == "ratio" ? "a proportion" : metric->unit == "1" ? "a count" : metric->unit, metric->direction == Direction::lower ? "lower" : "higher");
  return text;
}

void put_list(Json& view, const std::string& name, const std::vector<std::string>& texts) {
  view[name] = Json::array();
  for (const std::string& text : texts) view[name].push_back({{"text", text}});
  view["has_" + name] = !texts.empty();
}

std::vector<std::string> varied(const plan::Experiment& e) {
  std::vector<std::string> lines;
  for (const plan::Factor& factor : e.factors) {
    const Level* baseline = e.baseline.find(factor.name);
    lines.push_back(fmt::format("{}: {}{}", factor.name, levels_text(factor.levels), baseline ? fmt::format(" (baseline {})", shortest(*baseline)) : ""));
  }
  if (e.factors.empty()) {
    for (const Treatment& t : e.listed) lines.push_back(treatment_text(t));
  }
  return lines;
}

std::vector<std::string> measured(const plan::Plan& plan, const run::Rehearsal& rehearsal) {
  const plan::Experiment& e = plan.experiment;
  std::vector<plan::RequestedStatistic> wanted = e.primary;
  if (wanted.empty() && e.has_commands()) wanted = {{"wall_s", "typical"}};
  if (wanted.empty()) {
    const auto timed = std::find_if(rehearsal.treatments.begin(), rehearsal.treatments.end(), [](const run::TreatmentCost& c) { return !c.timed.empty(); });
    if (timed != rehearsal.treatments.end()) wanted = {{timed->timed, "typical"}};
  }
  std::vector<std::string> lines;
  for (const plan::RequestedStatistic& w : wanted) {
    const double margin = e.margin_of(w.metric);
    lines.push_back(fmt::format("{}; equivalent within {}", metric_text(e, w.metric, w.statistic), percent(margin)));
    for (const std::string& more : e.settings_of(w.metric) ? e.settings_of(w.metric)->statistics : std::vector<std::string>()) lines.push_back(metric_text(e, w.metric, more));
  }
  return lines;
}

std::vector<std::string> hypotheses(const plan::Experiment& e) {
  std::vector<std::string> lines;
  for (const plan::Hypothesis& h : e.hypotheses) {
    const std::string metric = h.statistic.statistic == "typical" ? h.statistic.metric : h.statistic.metric + "." + h.statistic.statistic;
    const std::string what = h.form == plan::Hypothesis::Form::value
                                 ? fmt::format("{} of {}", metric, treatment_text(h.of))
                                 : fmt::format("{} of {}, {} to {}", h.form == plan::Hypothesis::Form::ratio ? "ratio" : "difference", metric, treatment_text(h.of), treatment_text(h.to));
    lines.push_back(fmt::format("{}: {}{} Borne out by: {} {} {}.", h.id, h.claim, h.claim.ends_with('.') ? "" : ".", what, plan::symbol_of(h.relation), shortest(Level(h.bound))));
  }
  return lines;
}

std::string design_text(const plan::Plan& plan) {
  const plan::Experiment& e = plan.experiment;
  std::string text = fmt::format("{}, {} treatment{}", plan::name_of(e.design), plan.treatments.size(), plan.treatments.size() == 1 ? "" : "s");
  if (!e.baseline.empty()) text += fmt::format(", each compared with {}{}", treatment_text(e.baseline), e.baseline.levels().size() < e.factors.size() ? " that equals it in all other factors" : "");
  if (!e.excludes.empty()) {
    std::vector<std::string> out;
    for (const Treatment& t : e.excludes) out.push_back(treatment_text(t));
    text += fmt::format("; left out: {}", fmt::join(out, "; "));
  }
  return text;
}

std::string difference_text(const run::Forecast& f, const std::string& source) {
  if (!f.smallest_difference) return fmt::format("unknown: {}", f.reason);
  return fmt::format("{}, found in 4 of 5 runs{}", percent(*f.smallest_difference), source.empty() ? "" : fmt::format(" (rounds differ by {}, says {})", f.sd ? percent(*f.sd) : "what is known", source));
}

}  // namespace

Json plan_view(const plan::Plan& plan, const run::Rehearsal& rehearsal, const run::Calibration& calibration, const run::Forecast& forecast, int processes,
               const std::string& source) {
  const plan::Experiment& e = plan.experiment;
  Json view;
  view["question"] = e.question.empty() ? Json(false) : Json(e.question);
  view["rationale"] = e.rationale.empty() ? Json(false) : Json(e.rationale);
  put_list(view, "varied", varied(e));
  put_list(view, "measured", measured(plan, rehearsal));
  std::vector<std::string> held;
  for (const auto& [name, level] : e.controls.levels()) held.push_back(fmt::format("{}: {}", name, shortest(level)));
  put_list(view, "held", held);
  view["held_line"] = held.empty() ? Json(false) : Json(fmt::format("{}", fmt::join(held, "; ")));
  view["varied_line"] = fmt::format("{}", fmt::join(varied(e), "; "));
  put_list(view, "hypotheses", hypotheses(e));
  view["design"] = design_text(plan);
  view["rounds"] = fmt::format("{} rounds of {}, {} processes, about {}", calibration.rounds, run::round_text(calibration), processes, duration_text(calibration.estimated_s));
  std::string tests = "paired within rounds: t on log ratios of times, rates and sizes, on differences of all else; McNemar's mid-p where answers are known item by item";
  if (forecast.comparisons > 0)
    tests += fmt::format("; Holm's rule over {} comparison{} at {}", forecast.comparisons, forecast.comparisons == 1 ? "" : "s", percent(forecast.alpha));
  view["tests"] = tests + "; two one-sided tests for equivalence";
  view["smallest_difference"] = difference_text(forecast, source);
  view["controls"] = fmt::format("a second copy of the baseline in every round{}", plan.preset.slowed_control ? ", and one that is slowed by a known 2 %" : "");
  std::vector<std::string> troubles;
  for (std::size_t i = 0; i < plan.treatments.size(); ++i) {
    const Ending& ending = rehearsal.treatments[i].ending;
    if (!ending.ok()) troubles.push_back(fmt::format("{}: {}: {}", treatment_text(plan.treatments[i].treatment), name_of(ending.outcome), ending.reason));
  }
  for (const std::string& warning : calibration.warnings) troubles.push_back(warning);
  put_list(view, "troubles", troubles);
  return view;
}

}  // namespace assay::cli
