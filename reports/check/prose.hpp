// Numbers in prose that look like results and that no record backs. A reading by rules, for notes and never
// for errors: it knows words, not meaning. docs/METHODOLOGY.md says how often it is wrong. No I/O.
//
//     ProseContext context;
//     context.backed = {"2.31", "0.41 ms"};
//     for (const ProseNumber& n : unbacked_results("Latency fell from 12.3 ms to 0.41 ms.", context)) …
//     // 1:19 "12.3 ms", a time; 1:30 "0.41 ms", which stands in a record
//
// Not read: code, formulas, comments, marked blocks, inline values, citations, references, and what is opted
// out by
// <!-- assay:not-a-result --> (the paragraph or table that it stands in, or before) or between
// <!-- assay:not-a-result begin --> and <!-- assay:not-a-result end -->.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check/finding.hpp"
#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

struct ProseContext {
  Markup markup = Markup::markdown;
  std::vector<std::string> levels;  // of factors and controls, as printed: "64", "int8", "5 ms"
  std::vector<std::string> backed;  // values that records hold, as printed: "2.31", "98.4 %", "0.41 ms"
  std::size_t most = 1000;          // numbers; a text with more isn't read to its end
};

enum class Backing {
  none,    // no record has it
  record,  // a record has it, as far as it is printed; typed by hand, it won't follow the data
};

struct ProseNumber {
  int line = 0, column = 0;  // from 1; columns count characters
  std::string text;          // "2.3×", "twice as fast"; of a table "12 numbers"
  std::string sentence;      // shortened
  std::string why;           // "a speed-up"
  Backing backing = Backing::none;
  bool is_table = false;
};

/// In the order of the text. Tables are one ProseNumber each, at their first line.
std::vector<ProseNumber> unbacked_results(std::string_view text, const ProseContext& context);

/// One note a sentence (rules prose.unbacked and prose.backed), at most `most` of them, and one that says how
/// many more.
std::vector<Finding> findings_of(const std::vector<ProseNumber>& numbers, std::string_view file,
                                 std::size_t most = 20);

}  // namespace assay::reports::check
