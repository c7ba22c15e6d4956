// Marked blocks in Markdown that people write: where they are, and what stands in them. No I/O.
//
//     <!-- assay: begin table 2 matmul-ladder/ladder -->
//     …
//     <!-- assay: end table 1a2b3c4d -->
//
//     const Result<std::vector<Block>> blocks = find_blocks(text, "report.md");
//
// A marker stands alone on its line, outside code; only a value's stand in a sentence:
//
//     int8 is <!-- assay: value speedup latency_s precision=int8 -->2.31×<!-- assay: end value 1a2b3c4d --> as fast.
//
// docs/FORMAT.md has the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/values.hpp"

namespace assay::reports {

/// What can stand in a block, and the template that renders it.
struct BlockKind {
  std::string_view name;
  std::string_view part;
  bool of_plan = false;  // made from an experiment file by `assay plan`, not from a run
};
inline constexpr BlockKind kBlockKinds[] = {{"report", "body"},
                                            {"table", "table"},
                                            {"figure", "figure"},
                                            {"hypotheses", "hypotheses"},
                                            {"expectations", "expectations"},
                                            {"setup", "setup"},
                                            {"controls", "controls"},
                                            {"warnings", "warnings"},
                                            {"threats", "threats"},
                                            {"environment", "environment"},
                                            {"provenance", "provenance"},
                                            {"checklist", "checklist"},
                                            {"artifact", "artifact"},
                                            {"design", "design", true},
                                            {"plan", "plan", true}};
/// In a sentence, without an end of line around it.
inline constexpr BlockKind kValueKind = {"value", ""};

struct Block {
  const BlockKind* kind = nullptr;
  int number = 1;   // of kind table and figure: which one, from 1
  std::string name;  // of a figure: "roofline", instead of its number
  std::string run;  // the experiment or run that it names (of a plan: the experiment, or its file); empty: the one of the command line
  std::vector<std::string> key;  // of a value (values.hpp)
  ValueForm form = ValueForm::whole;
  std::string
      file;  // of the (first) figure, below the document's folder; empty: figures/<experiment>-<figure>.svg
  std::string hash;  // in the end marker: of what Assay wrote; empty: nothing yet
  int line = 0;      // of the begin marker, from 1
  // Offsets into the text: what is between the lines of the markers, and the end marker without the spaces
  // around it.
  std::size_t content_begin = 0, content_end = 0, mark_begin = 0, mark_end = 0;
  bool crlf = false;  // how the begin marker's line ends, and so the block's own lines

  bool is_value() const { return kind == &kValueKind; }
  std::string described() const;  // "table 2 of matmul-ladder/ladder"
};

/// How a document writes its markers: as HTML comments, or, in LaTeX, as comments that begin with %.
enum class Syntax { markdown, tex };
Syntax syntax_of(std::string_view file_name);  // by its extension

/// In order. The Error of a marker that can't be understood begins with `name` and its line. LaTeX has no values in its sentences: numbers.tex
/// has a macro for each.
Result<std::vector<Block>> find_blocks(std::string_view text, std::string_view name, Syntax syntax = Syntax::markdown);

/// 8 hex digits; the same for LF and CRLF, so that a checkout on another system is no edit.
std::string content_hash(std::string_view content);

/// The two lines to paste for a block of the first table: "<!-- assay: begin table -->\n<!-- assay: end table
/// -->".
std::string markers_to_paste(std::string_view run, Syntax syntax = Syntax::markdown);

/// "<!-- assay: end table 1a2b3c4d -->".
std::string end_marker(const Block& block, const std::string& hash, Syntax syntax);

}  // namespace assay::reports
