// Results that were made elsewhere (`assay import`): what the manifest says of where they are from, and how a report says it.
//
//     if (report.imported) out += imported_line(*report.imported);
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/json.hpp"
#include "harness/record/run_record.hpp"
#include "reports/costs.hpp"
#include "reports/planned.hpp"

namespace assay::reports {

/// Fewer shared rounds get no verdict: what was paired elsewhere, Assay has only somebody's word for.
inline constexpr int kFewestImportedRounds = 5;

struct Imported {
  std::string source;  // what made them: "evaluate.py on the lab's A100"
  std::string date;    // YYYY-MM-DD
  std::string by;
  std::string file;    // its name in the run folder's imported/
  std::string sha256;
  std::string format;
  std::int64_t rows = 0;
  std::optional<int> rounds;  // in which rows were measured side by side; absent: nobody knows
  std::string reported;       // what the file says of its machine: "num_cpus 2, library_build_type release"; or empty
};

/// Nothing for a run that Assay measured itself.
std::optional<Imported> read_imported(const Json& manifest);

/// All of a report's metrics come from elsewhere.
bool is_imported(const Planned& planned);

/// "Imported, not measured by Assay: evaluate.py on the lab's A100, run by Team X on 2026-11-20 (results.csv, …)".
std::string imported_line(const Imported& imported);

/// "24 rows, 24 replicates; which of them ran side by side isn't known.": in place of cost_line.
std::string imported_cost_line(const Imported& imported, const Costs& costs);

}  // namespace assay::reports
