// The cells: one planned treatment × metric × requested statistic each, with its value or how it failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/metric.hpp"
#include "harness/core/outcome.hpp"
#include "harness/record/run_record.hpp"
#include "reports/numbers.hpp"
#include "reports/planned.hpp"
#include "reports/tails.hpp"

namespace assay::reports {

struct Cell {
  int treatment = 0;  // index into Planned::treatments
  int metric = 0;     // index into Planned::metrics
  std::string statistic;
  Ending ending;                                 // ok, or why there is no value
  Provenance provenance = Provenance::measured;  // the planned one where the cell failed
  std::string modelled;                          // "8 of 1024 rows", or empty
  Clock clock = Clock::none;
  std::optional<Number> value;  // in the metric's unit
  double confidence = 0.95;     // of the interval; of a percentile's order statistics the one achieved
  int rounds = 0;
  bool deterministic = false;           // no clock, and equal in all replicates
  std::optional<Number> flop_per_s;     // where the worker says how much work an iteration is
  std::optional<Number> peak_fraction;  // of the FMA loop in the same rounds
  std::optional<Number> bytes_per_s;    // likewise: of the bytes that the work must move at least
  std::optional<double> intensity;      // FLOP a byte
  struct Throughput {
    std::string of;     // "images"
    double amount = 0;  // of them in one iteration
    Number per_s;
  };
  std::optional<Throughput> throughput;  // of what else the worker counts: the first by name
  int threads = 0;                      // that the limits were looked up for; 0: no rate
  std::string bound;  // what limits this work on this machine: "peak", "l2", "dram"; empty: unknown
  std::optional<Number> bound_fraction;  // of it
  bool bound_in_rounds = true;           // false: the bound is of the machine sheet, measured before
  struct Items {
    std::int64_t right = 0, count = 0;
  };
  std::optional<Items> items;              // of a proportion whose interval is over items, not over rounds
  bool answers_differ = false;             // predictions are on record, and differ between replicates
  std::optional<double> effective_blocks;  // how many independent ones the blocks are worth
  std::vector<std::string> remarks;        // of the statistics: why there is no interval, …
  std::vector<ProcessTail> tails;          // of a percentile: each process's own
};

std::vector<Cell> project_cells(const record::RunRecord& run, const Planned& planned);

/// The cell of a treatment, metric and statistic; null if it wasn't planned.
const Cell* find_cell(const std::vector<Cell>& cells, int treatment, int metric,
                      const std::string& statistic);

/// What cells count ("images"), where it is the same in all and iterations differ in how many they have; else nothing.
std::string items_that_differ(const std::vector<const Cell*>& cells);

/// How a side ended: the rehearsal's failure, else the first replicate's that failed in a round.
Ending ending_of(const record::RunRecord& run, record::Side side);

/// What a peak did a second, with its interval: "flop" or "bytes" of its work. Nothing if it didn't run.
std::optional<Number> peak_rate(const record::RunRecord& run, const Planned& planned, int peak,
                                std::string_view work);

}  // namespace assay::reports
