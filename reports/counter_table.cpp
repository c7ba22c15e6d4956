#include <fmt/format.h>

#include <algorithm>

#include "reports/table_parts.hpp"

namespace assay::reports {

/// What an iteration costs besides time, as counted.
std::vector<TextTable> counter_tables(const Report& report) {
  const Planned& planned = report.planned;
  const auto shown = counter_columns(report.counters);
  if (shown.empty()) return {};
  Footnotes footnotes;
  TextTable table;
  table.title = "Counters";
  table.caption = "An iteration's, over the rounds that counted it.";
  const auto factors = varied_factors(planned);
  for (const std::string& name : factors) table.columns.push_back({name, false, 9, 5});
  for (const CounterColumn& c : shown) {
    const std::string mark = c.provenance == Provenance::simulated ? ", simulated" : "";
    table.columns.push_back({std::string(c.title) + mark, true, c.importance, 0});
  }
  const auto any = [&shown](auto is) { return std::any_of(shown.begin(), shown.end(), is); };
  const auto energy = [](const CounterColumn& c) { return c.counter.starts_with("energy_"); };
  const auto simulated = [](const CounterColumn& c) { return c.provenance == Provenance::simulated; };
  if (any([&](const CounterColumn& c) { return !c.software && !energy(c) && !simulated(c); }))
    table.caption += " The processor's counters count user mode, a set of them a round.";
  if (any(energy))
    table.caption += " Energy is that of the whole machine meanwhile, out of blocks of a second.";
  if (any(simulated))
    table.caption +=
        " Simulated: one iteration in an emulator, with caches of this machine's sizes that are warm.";
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    std::vector<TextCell> row;
    for (const std::string& name : factors) {
      const Level* level = planned.treatments[t].find(name);
      row.push_back(words(level ? shortest(*level) : std::string(kNothing)));
    }
    for (const CounterColumn& c : shown) {
      const auto v =
          std::find_if(report.counters.begin(), report.counters.end(), [&](const CounterValue& value) {
            return value.treatment == static_cast<int>(t) && value.counter == c.counter &&
                   (value.provenance == Provenance::simulated) == (c.provenance == Provenance::simulated);
          });
      if (v == report.counters.end()) {
        row.push_back(nothing());
        continue;
      }
      row.push_back(cell_of(v->unit == "1" ? print_count(v->value) : print(v->value, v->unit, Kind::rate),
                            footnotes.mark(v->note)));
    }
    table.rows.push_back(std::move(row));
  }
  table.footnotes = footnotes.lines();
  table.status = status_text(report);
  return {table};
}

}  // namespace assay::reports
