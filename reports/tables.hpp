// The tables of a report as text in rows and columns, before any format: terminal, Markdown, LaTeX, HTML and
// CSV draw the same. Each is made in a file of its own, <name>_table.cpp, and tables.def lists them.
//
//     for (const TextTable& table : tables_of(report)) std::cout << drawn(table, 100, true);
#pragma once

#include <string>
#include <vector>

#include "reports/report.hpp"

namespace assay::reports {

struct TextColumn {
  std::string title;
  bool right_aligned = true;
  int importance = 9;           // narrow terminals drop the least important first; 9 stays
  int interval_importance = 5;  // likewise its intervals
};

struct TextCell {
  std::string text;           // "2.31 ms"
  std::string interval = {};  // "[2.25, 2.38]", or empty
  enum class Tone { plain, good, bad, muted } tone = Tone::plain;
  std::string mark = {};  // of its footnote: "ᵃ", or empty
  bool bold = false;      // the best of its column, where that is significant
};

struct TextTable {
  std::string title;    // "Running time"
  std::string caption;  // what is shown, against what, at which constants
  std::vector<TextColumn> columns;
  std::vector<std::vector<TextCell>> rows;
  std::size_t terminal_rows = 0;       // that a terminal shows, of more; 0: all
  std::string whole = "report.md";     // what has the rows and columns that a terminal leaves out
  std::vector<std::string> footnotes;  // "ᵃ modelled (8 of 1024 rows)"
  /// What a reader must know of the run where the table stands alone: failed cells, controls, preset.
  std::string status = {};
  std::string bold_note = {};                  // what bold means, for formats that have it; empty: nothing is
  std::vector<std::size_t> block_starts = {};  // rows, but the first, where another baseline's begin
  std::string name = {};  // "latency_s", "ladder": plain, and unique in its report; tables_of gives it
};

/// Of commands that are compared one table; else what tables.def lists: the ladder where there is one, a
/// table for each other primary metric and statistic, then what else was measured.
std::vector<TextTable> tables_of(const Report& report);

/// "f64, n = 4096, on 2 × Intel Xeon …": under which conditions somebody else's figures came about.
std::string published_where(const Published& published);

/// "n = 4096, threads = 1": factors with one level, and controls; empty if there are none.
std::string constants_text(const Planned& planned);

/// Hands out one superscript letter for each distinct note.
class Footnotes {
public:
  std::string mark(const std::string& note);  // empty for an empty note
  const std::vector<std::string>& lines() const { return lines_; }

private:
  std::vector<std::string> notes_;
  std::vector<std::string> lines_;
};

}  // namespace assay::reports
