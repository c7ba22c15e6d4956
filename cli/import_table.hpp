// A file of somebody else's results as a table: columns with names, rows of texts. What a column means is import_map.hpp's
// question.
//
//     const auto bytes = read_import_file("results.csv");
//     const Result<Table> table = read_table(*bytes, "results.csv");
//     table->rows[0].cells[2] == "12.5"
//
// CSV and TSV by RFC 4180, a flat JSON list of objects, JSON lines, and the JSON of Google Benchmark and hyperfine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::cli {

inline constexpr std::size_t kLongestImport = std::size_t{64} << 20;  // bytes
inline constexpr std::size_t kMostImportRows = 100'000;
inline constexpr std::size_t kMostImportColumns = 1'000;
inline constexpr std::size_t kMostImportCells = 5'000'000;

struct Table {
  struct Row {
    std::uint64_t number = 0;  // line of the file, or, where a line is no row, the row from 1
    std::vector<std::string> cells;  // one a column; empty: no value
  };
  std::string format;  // csv, tsv, json, jsonl, google-benchmark, hyperfine
  std::vector<std::string> columns;  // names that differ
  std::vector<Row> rows;
  std::vector<std::string> known;    // words of --map, one a column, where the format says what each is; else empty
  std::vector<std::string> warnings; // what a reader of the results must know
  Json reported;                     // what the file says of the machine that it was made on; or null

  bool has_lines() const { return format == "csv" || format == "tsv" || format == "jsonl"; }
  /// "results.csv:17", "results.json: row 17".
  std::string place(std::string_view shown_name, const Row& row) const;
};

/// The bytes of a regular file of at most kLongestImport. The Error begins with the path.
Result<std::string> read_import_file(const std::string& path);

/// By the name's ending (.csv, .tsv), else by what the text is. Every Error is "name:line: what is wrong; what would be right".
Result<Table> read_table(std::string_view bytes, const std::string& shown_name);

/// The parts of read_table that know one tool's JSON. (import_tools.cpp)
Result<Table> google_benchmark_table(std::string_view json, const std::string& shown_name);
Result<Table> hyperfine_table(const Json& document, const std::string& shown_name);

}  // namespace assay::cli
