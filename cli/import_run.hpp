// Results that were made elsewhere, as a run: an experiment, its plan, and replicates as a journal has them, so that every
// reader of run folders reads this one.
//
//     auto imported = make_imported_run(table, columns, wish);         // pure
//     const auto folder = write_imported_run(*imported, bytes, results, to_json(build()), words);
//
// Rows with the same round were measured side by side: they share a round and a group, and are paired. Without a round
// column nobody knows, so each treatment is alone in a group of its own, and nothing is paired.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/import_map.hpp"
#include "cli/import_table.hpp"
#include "harness/core/json.hpp"
#include "harness/core/outcome.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/manifest.hpp"

namespace assay::cli {

inline constexpr std::size_t kMostImportTreatments = 2'000;
inline constexpr int kMostImportRounds = 10'000;  // and replicates of a treatment that nothing pairs
/// Rows × treatments × metrics: what a report looks at, a few seconds of it.
inline constexpr std::size_t kMostImportWork = 20'000'000;

/// What the person says of the results, beside what their columns are.
struct ImportWish {
  std::string shown_name;             // of the file, as messages name it
  std::string file_name;              // as it is kept in the run folder
  std::string name;                   // of the experiment
  std::string question = {};
  std::vector<std::string> baseline = {};  // FACTOR=LEVEL
  std::string source, date, by;
};

/// What one row says of its replicate.
struct ImportedRow {
  std::uint64_t number = 0;  // as Table::Row::number
  std::vector<std::pair<std::string, double>> values;  // in base units
};
struct ImportedReplicate {
  int round = 1;
  int group = 0;
  int treatment = 0;  // index into plan.treatments
  std::vector<ImportedRow> rows;
  Ending ending;
};
struct ImportedRun {
  std::string text;  // of experiment.toml, as it will be frozen
  plan::Plan plan;
  std::vector<run::PlannedMetric> metrics;
  std::vector<ImportedReplicate> replicates;  // in order of rounds
  int rounds = 0;
  OrderedJson facts;  // the manifest's `imported`, without what depends on the bytes
  std::vector<std::pair<std::string, std::string>> notes;  // kind, text
};

/// Checks `source`, `date`, `by` and the name too. Every Error is one message; nothing has been written.
Result<ImportedRun> make_imported_run(const Table& table, const std::vector<Column>& columns, const ImportWish& wish, std::string_view bytes);

/// The run folder that was made below `results`. `bytes` of the file are kept in it as imported/<file name>.
Result<std::filesystem::path> write_imported_run(const ImportedRun& run, const ImportWish& wish, std::string_view bytes, const std::filesystem::path& results,
                                                 const Json& assay, const std::vector<std::string>& command_line);

/// `path`'s last part with every character but letters, digits, '.', '_' and '-' as '_': a name for imported/.
std::string kept_name(const std::string& path);

}  // namespace assay::cli
