// Numbers a document's figures, tables and sections, and turns [Figure](#fig:ladder) into "Figure 3". No I/O.
//
//     const auto done = number_parts(blocks, {.name = "report.md", .source = text});
//
// docs/FORMAT.md says what people write, and what a filled block is labelled by itself.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::reports {

struct NumberingSettings {
  std::string name;           // of the document, as messages call it
  std::string_view source;    // its text, to find the line of a mistake
  bool sections = false;      // headings are numbered, too
  bool whole_report = false;  // all of it is as if in a block that Assay filled: it is a run's own report
};

/// Of the top level of `blocks` (a pruned tree):
/// - a paragraph of one image with a caption becomes a numbered figure, a table with a caption a numbered
///   table. In a filled block the caption of a table is the paragraph behind it, and a list behind that its
///   footnotes;
/// - a numbered one stands in a Div of the class `float` with its footnotes and the line that says which run
///   it is of; the figure's or table's own identifier is its label;
/// - links to labels get their numbers, everywhere. The Error of an unknown or doubled label names its line.
/// No comment is left.
Result<Done> number_parts(Json& blocks, const NumberingSettings& settings);

/// Citations in filled blocks become the text that was typed: an `@` in the reason of a failure is none.
void unwrap_citations_of_filled_blocks(Json& blocks);

}  // namespace assay::reports
