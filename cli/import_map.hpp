// What each column of somebody else's table is: said by --map, or by a format that everybody knows; never guessed. A column
// that nobody spoke of is an error whose message proposes the words.
//
//     --map precision=factor --map latency_ms=metric:latency_s:ms --map seed=replicate --map trial=round
//
//     const Result<std::vector<Column>> columns = read_map(table, words, "results.csv", "assay import results.csv --as sweep");
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/import_table.hpp"
#include "cli/import_units.hpp"
#include "harness/core/metric.hpp"
#include "harness/core/treatment.hpp"

namespace assay::cli {

enum class ColumnRole {
  factor,     // what was varied
  metric,     // what was measured
  replicate,  // the number of the process (run, seed) that a row is of
  round,      // rows of one round were measured side by side
  outcome,    // ok, or how it failed
  reason,     // why it failed
  ignore,
};

struct Column {
  ColumnRole role = ColumnRole::ignore;
  std::string name = {};   // of the factor or metric
  Metric metric = {};      // of a metric; provenance imported, scope replicate
  UnitScale scale = {};    // from the file's unit to the metric's
  bool primary = true;     // compared, not only shown
  std::string word = {};   // as --map has it
};

/// One for each column of the table. `words`: COLUMN=ROLE, over what the format knows. `command` begins the line that a
/// message proposes.
Result<std::vector<Column>> read_map(const Table& table, const std::vector<std::string>& words, const std::string& shown_name, const std::string& command);

/// A finite number, with '.' as its point; nullopt for any other text.
std::optional<double> number_in(std::string_view text);

/// What all values of a column can be: integers, numbers, true and false, else text. Empty texts don't count.
enum class LevelType { boolean, integer, number, text };
LevelType level_type_of(const Table& table, std::size_t column);
/// `text` as a level of that type, which it has.
Level level_in(std::string_view text, LevelType type);

}  // namespace assay::cli
