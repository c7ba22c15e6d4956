#include "reports/table_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

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

std::string placement_text(const Planned& planned) {
  if (planned.placement != plan::Placement::duet) return "";
  return " Placement duet: the two sides of a comparison ran at once, each on a core of its own.";
}

}  // namespace assay::reports
