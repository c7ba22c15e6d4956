// A journal line read without building a document: the envelope that every line has, and the fields of a block.
// A run has 100,000 block lines and a few thousand others; only the others are worth a DOM.
//
//     const auto parsed = parse_line(line);        // seq, prev, type, and, if type is "block", the block
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::record {

/// What every line has.
struct Envelope {
  std::optional<std::uint64_t> seq;
  std::string prev;
  std::string type;
};

/// A block's fields as they stand in the line. Absent and null are nullopt or empty; other fields are skipped.
struct BlockFields {
  std::optional<std::int64_t> round, group, replicate, quad, position, predecessor;
  std::optional<std::int64_t> iterations, settled_ns, bracket_ns, cpu_ns;
  std::optional<double> elapsed;
  std::string treatment, role, phase, unit, clock, outcome, reason;
  std::vector<std::string> marks;
  std::vector<std::pair<std::string, double>> metrics;
  /// Counters that are numbers are the first `counter_count`; what stands behind them is an earlier line's, whose text is
  /// kept as room: every block has a dozen counters with names too long to be stored in place.
  std::vector<std::pair<std::string, double>> counters;
  std::size_t counter_count = 0;
  /// Of the file with the block's samples, relative to the run folder; empty where there is none.
  std::string samples_file, samples_sha256;
};

struct ParsedLine {
  Envelope envelope;
  BlockFields block;  // filled for any line; means something only if envelope.type is "block"
};

/// One line into `parsed`, whose strings and vectors are used again. An Error says at which byte it stopped
/// being one JSON object.
Result<Done> parse_line(std::string_view line, ParsedLine& parsed);

}  // namespace assay::record
