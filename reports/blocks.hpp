// Marked blocks in Markdown that people write: where they are, and what stands in them. No I/O.
//
//     <!-- assay: begin table 2 matmul-ladder/ladder -->
//     …
//     <!-- assay: end table 1a2b3c4d -->
//
//     const Result<std::vector<Block>> blocks = find_blocks(text, "report.md");
//
// A marker stands alone on its line, outside code. docs/FORMAT.md has the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

/// What can stand in a block, and the template that renders it.
struct BlockKind {
  std::string_view name;
  std::string_view part;
};
inline constexpr BlockKind kBlockKinds[] = {{"report", "body"},
                                            {"table", "table"},
                                            {"figure", "figure"},
                                            {"hypotheses", "hypotheses"},
                                            {"controls", "controls"},
                                            {"warnings", "warnings"},
                                            {"environment", "environment"},
                                            {"provenance", "provenance"}};

struct Block {
  const BlockKind* kind = nullptr;
  int number = 1;   // of kind table and figure: which one, from 1
  std::string run;  // the experiment or run that it names; empty: the one of the command line
  std::string
      file;  // of the (first) figure, below the document's folder; empty: figures/<experiment>-<figure>.svg
  std::string hash;  // in the end marker: of what Assay wrote; empty: nothing yet
  int line = 0;      // of the begin marker, from 1
  // Offsets into the text: what is between the lines of the markers, and the end marker without the spaces
  // around it.
  std::size_t content_begin = 0, content_end = 0, mark_begin = 0, mark_end = 0;
  bool crlf = false;  // how the begin marker's line ends, and so the block's own lines

  std::string described() const;  // "table 2 of matmul-ladder/ladder"
};

/// In order. The Error of a marker that can't be understood begins with `name` and its line.
Result<std::vector<Block>> find_blocks(std::string_view text, std::string_view name);

/// 8 hex digits; the same for LF and CRLF, so that a checkout on another system is no edit.
std::string content_hash(std::string_view content);

/// The two lines to paste for a block of the first table: "<!-- assay: begin table -->\n<!-- assay: end table
/// -->".
std::string markers_to_paste(std::string_view run);

}  // namespace assay::reports
