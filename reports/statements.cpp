#include "reports/statements.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

using Form = plan::Hypothesis::Form;

std::string joined(const std::vector<std::string>& words) {
  if (words.size() < 2) return words.empty() ? "" : words.front();
  std::string text = words.front();
  for (std::size_t i = 1; i + 1 < words.size(); ++i) text += ", " + words[i];
  return text + " and " + words.back();
}

/// "precision (fp32, bf16, int8) and batch (1, 64)": factors with several levels.
std::string varied_text(const Planned& planned) {
  constexpr std::size_t kMostLevels = 12;
  std::vector<std::string> each;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() < 2) continue;
    std::string levels;
    for (std::size_t i = 0; i < std::min(kMostLevels, factor.levels.size()); ++i) levels += (i == 0 ? "" : ", ") + shortest(factor.levels[i]);
    if (factor.levels.size() > kMostLevels) levels += fmt::format(", … {} in all", factor.levels.size());
    each.push_back(fmt::format("{} ({})", factor.name, levels));
  }
  return joined(each);
}

/// "latency_s (s, lower is better) and accuracy (ratio, higher is better)".
std::string measured_text(const Planned& planned, bool primary) {
  std::vector<std::string> each;
  for (const PlannedMetric& m : planned.metrics) {
    if (m.primary != primary) continue;
    std::string what = m.metric.unit == "ratio" && m.metric.kind == Kind::proportion ? "a proportion" : m.metric.unit == "1" ? "a count" : m.metric.unit;
    std::vector<std::string> statistics;
    for (const std::string& s : m.statistics) {
      if (s != "typical") statistics.push_back(s);
    }
    if (!statistics.empty()) what += ", " + joined(statistics);
    each.push_back(primary ? fmt::format("{} ({}, {} is better)", m.metric.name, what, m.metric.direction == Direction::lower ? "lower" : "higher")
                           : m.metric.name);
  }
  return joined(each);
}

bool runs_commands(const Planned& planned) {
  return std::any_of(planned.metrics.begin(), planned.metrics.end(), [](const PlannedMetric& m) { return m.metric.name == "exit_status"; });
}

std::string margin_text(const Planned& planned) {
  std::vector<std::string> each;
  for (const PlannedMetric& m : planned.metrics) {
    if (!m.primary) continue;
    const bool relative = natural_scale(m.metric) == Scale::ratio;
    const Number exact{m.margin, stats::Interval{m.margin, m.margin}};
    each.push_back(fmt::format("{} of {}", relative ? print_percent(exact).value : print_difference(exact, m.metric.unit, m.metric.kind).value, m.metric.name));
  }
  return joined(each);
}

std::string taking_turns(const Report& report) {
  const Planned& planned = report.planned;
  const std::string rounds = counted(report.costs.rounds, "round");
  if (planned.placement == plan::Placement::duet)
    return fmt::format("There were {}; in each, two processes at a time ran at once on two physical cores, which they swapped, in an order drawn from seed {}.",
                       rounds, planned.seed);
  if (runs_commands(planned))
    return fmt::format("There were {}; in each, the commands that are compared were executed in turns, each in a fresh process, in a mirrored order drawn from seed {}.",
                       rounds, planned.seed);
  return fmt::format(
      "There were {}; in each, what is compared was alive at the same time, every treatment in a fresh process, and their timed blocks took turns in a mirrored order drawn from "
      "seed {}.",
      rounds, planned.seed);
}

std::string baseline_text(const Planned& planned) {
  if (planned.baselines.empty()) return "";
  if (planned.baselines.size() == 1)
    return fmt::format(", compared with {}", short_name(planned.treatments[static_cast<std::size_t>(planned.baselines[0])], planned.factors));
  std::vector<std::string> levels;
  for (const auto& [factor, level] : planned.baseline_levels.levels()) levels.push_back(level_text(factor, level));
  return levels.empty() ? fmt::format(", compared with {} baselines", planned.baselines.size())
                        : fmt::format(", each compared with {} that equals it in all other factors", joined(levels));
}

std::string control_text(const Report& report) {
  const bool many = report.planned.baselines.size() > 1;
  std::string text;
  for (const Control& c : report.controls) {
    if (c.kind == Role::same && c.ratio && c.metric == report.controls.front().metric && c.statistic == report.controls.front().statistic)
      text += fmt::format("{}{}", text.empty() ? "" : " ", control_sentence(c, report.planned, many, false));
  }
  return text;
}

std::string short_hash(const std::string& hash) {
  constexpr std::size_t kDigits = 12;
  return hash.substr(0, kDigits);
}

}  // namespace

std::string setup_paragraph(const Report& report) {
  const Planned& planned = report.planned;
  std::vector<std::string> sentences;
  const std::string varied = varied_text(planned);
  const std::string held = constants_text(planned);
  if (!varied.empty()) {
    sentences.push_back(fmt::format("{} {} varied{}.", varied, varied_factors(planned).size() == 1 ? "was" : "were", held.empty() ? "" : ", at " + held));
  } else if (!held.empty()) {
    sentences.push_back(fmt::format("Nothing was varied; all at {}.", held));
  }
  sentences.push_back(fmt::format("The design{} has {}{}.", planned.design.empty() ? "" : fmt::format(" ({})", planned.design),
                                  counted(static_cast<long long>(planned.treatments.size()), "treatment"), baseline_text(planned)));
  const std::string primary = measured_text(planned, true), others = measured_text(planned, false);
  sentences.push_back(fmt::format("Measured: {}{}.", primary, others.empty() ? "" : "; beside them " + others));
  if (!report.machine.empty()) sentences.push_back(fmt::format("Machine: {}.", report.machine));
  if (!report.libraries.empty()) sentences.push_back(fmt::format("Workers: {}.", report.libraries));
  if (!report.inputs.empty()) sentences.push_back(fmt::format("Inputs, by SHA-256: {}.", report.inputs));
  sentences.push_back(taking_turns(report));
  sentences.push_back("The sample is the rounds, never the iterations inside one; intervals are 95 %, and verdicts follow Holm's rule over each table as planned.");
  if (const std::string margin = margin_text(planned); !margin.empty()) sentences.push_back(fmt::format("Equivalent means within {}.", margin));
  if (const std::string control = control_text(report); !control.empty()) sentences.push_back(control);
  return fmt::format("{}", fmt::join(sentences, " "));
}

std::vector<Statement> expectations(const Report& report) {
  std::vector<Statement> lines;
  const std::string frozen = fmt::format("Frozen{} before the first block (experiment {}{}).", report.started.empty() ? "" : " " + report.started,
                                         short_hash(report.experiment_sha256), report.run_of_plan > 1 ? fmt::format(", run {} of this plan", report.run_of_plan) : "");
  for (const HypothesisResult& h : report.hypotheses) {
    const PlannedHypothesis& p = h.planned;
    const auto name = [&](int t) { return short_name(report.planned.treatments[static_cast<std::size_t>(t)], report.planned.factors); };
    const std::string metric = p.statistic == "typical" ? p.metric : fmt::format("{}.{}", p.metric, p.statistic);
    const std::string what = p.of < 0 ? metric
                             : p.form == Form::value ? fmt::format("{} of {}", metric, name(p.of))
                             : p.to < 0              ? metric
                                                     : fmt::format("{} of {}, {} to {}", p.form == Form::ratio ? "ratio" : "difference", metric, name(p.of), name(p.to));
    lines.push_back({p.id, fmt::format("{}{} Borne out by: {} {} {}. {}", p.claim, p.claim.ends_with('.') ? "" : ".", what, stats::name_of(p.relation),
                                       shortest(Level(p.bound)), frozen)});
  }
  return lines;
}

std::vector<std::string> threats(const Report& report) {
  const Planned& planned = report.planned;
  std::vector<std::string> lines;
  lines.push_back(fmt::format("One machine{}: ratios may be others elsewhere, times will be.", report.machine.empty() ? "" : " (" + report.machine + ")"));
  if (report.machine.find(" guest") != std::string::npos)
    lines.push_back("It is a virtual machine, so other guests can take its time. Blocks whose time was taken were measured again, and sides alternate within milliseconds, so that both are hit alike.");
  for (const Control& c : report.controls) {
    if (c.kind == Role::same && c.ratio)
      lines.push_back(fmt::format("{} What differs by less than that interval is not told apart here.", control_sentence(c, planned, planned.baselines.size() > 1, true)));
  }
  if (std::none_of(report.controls.begin(), report.controls.end(), [](const Control& c) { return c.kind == Role::same && c.ratio; }))
    lines.push_back("No copy of the baseline was measured, so nothing shows how far the same program differs from itself here.");
  lines.push_back(fmt::format("Intervals are over {} of this run: they hold the machine's noise while it ran, not other builds, days or machines.", counted(report.costs.rounds, "round")));
  lines.push_back("A verdict is about these programs as they were built: how code and data happen to lie in memory can be worth a percent and more.");
  lines.push_back("Caches are warm: every block follows untimed settling of the same work.");
  const auto modelled = std::count_if(report.cells.begin(), report.cells.end(), [](const Cell& c) { return c.ending.ok() && c.provenance == Provenance::modelled; });
  if (modelled > 0) lines.push_back(fmt::format("{} modelled from a part of the work, not measured whole.", modelled == 1 ? "1 value is" : fmt::format("{} values are", modelled)));
  const auto imported = std::count_if(report.cells.begin(), report.cells.end(), [](const Cell& c) { return c.ending.ok() && c.provenance == Provenance::imported; });
  if (imported > 0) lines.push_back(fmt::format("{} measured elsewhere and imported: how is not on record here.", imported == 1 ? "1 value was" : fmt::format("{} values were", imported)));
  if (std::any_of(report.cells.begin(), report.cells.end(), [](const Cell& c) { return c.items.has_value(); }))
    lines.push_back("Where an interval is over items, it covers other items of the same kind, not other training seeds.");
  if (const int absent = report.unsupported() + report.failed(); absent > 0)
    lines.push_back(fmt::format("{} of {} have no value ({} unsupported, {} failed).", absent, counted(static_cast<long long>(report.cells.size()), "cell"), report.unsupported(), report.failed()));
  if (report.run_of_plan > 1) lines.push_back(fmt::format("This is run {} of this plan: whoever runs until it pleases finds something. The ledger lists all of them.", report.run_of_plan));
  for (const Warning& w : report.warnings) lines.push_back(w.text);
  return lines;
}

std::vector<Statement> reproducibility_checklist(const Report& report) {
  const Planned& planned = report.planned;
  std::string variation = "every value and ratio with a 95 % interval over rounds";
  if (std::any_of(report.cells.begin(), report.cells.end(), [](const Cell& c) { return c.items.has_value(); })) variation += ", proportions over items";
  return {
      {"Metrics and what they mean", measured_text(planned, true)},
      {"Range of what was varied", varied_text(planned)},
      {"What was held", constants_text(planned)},
      {"Number of runs", fmt::format("{}, {} processes", counted(report.costs.rounds, "round"), report.costs.processes)},
      {"Central tendency and variation", variation},
      {"Run time", cost_line(report.costs)},
      {"Computing infrastructure", report.machine},
      {"Software", report.libraries},
      {"Data and weights, by SHA-256", report.inputs},
      {"Seeds", fmt::format("{}, from which all orders and inputs follow", planned.seed)},
      {"Code", fmt::format("Assay {}; experiment {}", report.assay, short_hash(report.experiment_sha256))},
      {"How to run it again", fmt::format("assay replay {}", report.folder_name)},
      {"Data statistics and splits", ""},
      {"Number of parameters of each model", ""},
      {"How hyper-parameters were chosen", ""},
      {"Licences of code, data and models", ""},
  };
}

std::vector<Statement> artifact_appendix(const Report& report) {
  const Planned& planned = report.planned;
  return {
      {"Algorithm", ""},
      {"Program", fmt::format("experiment {}", report.experiment)},
      {"Compilation", ""},
      {"Model", ""},
      {"Data set", report.inputs},
      {"Run-time environment", report.libraries},
      {"Hardware", report.machine},
      {"Execution", fmt::format("preset {}, {}; sole user of the machine by a lock", report.preset, counted(report.costs.rounds, "round"))},
      {"Metrics", measured_text(planned, true)},
      {"Output", "tables and figures with intervals, verdicts and hypotheses; report.json and CSV files"},
      {"Experiments", fmt::format("{} planned: {} measured, {} unsupported, {} failed", counted(static_cast<long long>(report.cells.size()), "cell"), report.ran(), report.unsupported(), report.failed())},
      {"Experiment time", cost_line(report.costs)},
      {"Workflow", fmt::format("assay replay {} measures it again and compares ratios; assay check verifies the record", report.folder_name)},
      {"Expected results", fmt::format("{}", fmt::join([&] {
         std::vector<std::string> sentences;
         for (const HypothesisResult& h : report.hypotheses) sentences.push_back(h.sentence);
         return sentences;
       }(), " "))},
      {"Disk space", ""},
      {"Preparation time", ""},
      {"Availability and DOI", ""},
      {"Licences", ""},
  };
}

}  // namespace assay::reports
