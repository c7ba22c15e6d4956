#include "reports/table_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/statistic.hpp"
#include "reports/sentences.hpp"

namespace assay::reports {

using Tone = TextCell::Tone;

std::string provenance_note(const Cell& cell) {
  if (cell.provenance == Provenance::measured) return "";
  const std::string word(name_of(cell.provenance));
  return cell.modelled.empty() ? word : fmt::format("{} ({})", word, cell.modelled);
}

std::string outcome_text(Outcome outcome) {
  return reason_text(std::string(name_of(outcome)));
}

TextCell cell_of(const Printed& printed, std::string mark, bool with_unit) {
  return {with_unit ? printed.value : printed.number, printed.interval, Tone::plain, std::move(mark)};
}

TextCell words(std::string text, Tone tone, std::string mark) {
  return {std::move(text), "", tone, std::move(mark)};
}

TextCell nothing() {
  return words(std::string(kNothing), Tone::muted);
}

std::string library_note(const Planned& planned, const std::string& factor, int treatment) {
  const auto index = static_cast<std::size_t>(treatment);
  const Level* level = planned.treatments[index].find(factor);
  bool alone = true;
  for (std::size_t t = 0; t < planned.treatments.size() && level; ++t) {
    const Level* other = planned.treatments[t].find(factor);
    const bool same_worker = planned.workers[t] == planned.workers[index];
    if (!other || (*other == *level) != same_worker) return "";
    alone = alone && same_worker;
  }
  return level && !alone ? planned.libraries[index] : "";
}

std::vector<std::string> varied_factors(const Planned& planned) {
  std::vector<std::string> names;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() > 1) names.push_back(factor.name);
  }
  if (names.empty() && !planned.factors.empty()) names.push_back(planned.factors.front().name);
  return names;
}

std::string column_title(const Metric& metric, const std::string& statistic) {
  return statistic == "typical" ? metric.name : fmt::format("{}, {}", metric.name, statistic);
}

namespace {

/// Few controls are listed; of many the range.
std::string control_text(const Report& report, int metric, const std::string& statistic) {
  const std::string of = percentile_of(statistic) ? statistic : "typical";
  std::vector<const Control*> same;
  for (const Control& c : report.controls) {
    if (c.kind == Role::same && c.metric == metric && c.statistic == of) same.push_back(&c);
  }
  constexpr std::size_t kListed = 3;
  std::string text;
  if (same.size() <= kListed) {
    for (const Control* c : same)
      text.append(" ").append(control_sentence(*c, report.planned, same.size() > 1, false));
    return text;
  }
  std::optional<double> low, high;
  bool failed = false;
  for (const Control* c : same) {
    failed = failed || c->failed;
    if (!c->ratio) continue;
    low = std::min(low.value_or(c->ratio->value), c->ratio->value);
    high = std::max(high.value_or(c->ratio->value), c->ratio->value);
  }
  if (!low) return "";
  return fmt::format(" The same programs against themselves: {} to {}{}.", with_decimals(*low, 3),
                     with_decimals(*high, 3), failed ? "; one differs, so the verdicts are withheld" : "");
}

}  // namespace

std::string status_text(const Report& report, int metric, const std::string& statistic) {
  const auto planned = static_cast<long long>(report.cells.size());
  std::string text;
  if (report.ran() < planned)
    text += fmt::format(" {} planned: {} measured, {} unsupported, {} failed.", counted(planned, "cell"),
                        report.ran(), report.unsupported(), report.failed());
  if (metric >= 0) text += control_text(report, metric, statistic);
  if (report.run_of_plan > 1) text += fmt::format(" Run {} of this plan on record.", report.run_of_plan);
  text += fmt::format(" Preset {}, {}.", report.preset, counted(report.costs.rounds, "round"));
  return text.substr(1);
}

std::string placement_text(const Planned& planned) {
  if (planned.placement != plan::Placement::duet) return "";
  return " Placement duet: the two sides of a comparison ran at once, each on a core of its own.";
}

}  // namespace assay::reports
