// What an iteration costs besides time, as counted: instructions, misses, operations, energy, faults and
// switches. A description beside the comparisons, without verdicts.
//
//     for (const CounterValue& v : project_counters(run, planned)) print(v.counter, print(v.value,
//     v.unit).value);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/metric.hpp"
#include "harness/record/run_record.hpp"
#include "reports/cells.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

/// One treatment's counter per iteration, or what follows from counters: `ipc` (instructions / cycles) and
/// `memory_traffic` (llc_misses × 64 B / time, an estimate: it knows neither prefetches nor write-backs).
struct CounterValue {
  int treatment = 0;  // index into Planned::treatments
  std::string counter;
  std::string unit;
  Number value;
  int rounds = 0;  // that counted it: sets of hardware counters take turns
  Provenance provenance = Provenance::measured;
  std::string note;  // "modelled (8 of 1024 rows)", "simulated by Callgrind (isa avx2)", or empty
};

/// In the order of the table, then by name; treatments in plan order, what was simulated behind what was
/// measured. Only treatments that ended well.
std::vector<CounterValue> project_counters(const record::RunRecord& run, const Planned& planned);

/// A column of the table.
struct CounterColumn {
  std::string_view counter;
  std::string_view title;
  Provenance provenance = Provenance::measured;
  bool software = false;  // the kernel counts it, with or without a processor's counters
  int importance = 5;
};

/// Those for which some treatment has a value above 0, of the kernel's events one an iteration; none, and so
/// no table, if there are only the kernel's.
std::vector<CounterColumn> counter_columns(const std::vector<CounterValue>& values);

/// What the table leaves out, a sentence each without its stop: counters this machine lacks and why,
/// treatments that could not be simulated, and the kernel's events that have no column.
std::vector<std::string> counter_lines(const record::RunRecord& run, const Planned& planned,
                                       const std::vector<CounterValue>& values);

/// Where the operations that a worker declares are not those that were counted.
std::vector<Warning> counter_warnings(const record::RunRecord& run, const Planned& planned,
                                      const std::vector<CounterValue>& values);

}  // namespace assay::reports
