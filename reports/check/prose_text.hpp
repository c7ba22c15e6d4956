// What of a document is prose, for checkers that read it. Everything else is blanked in place, so that an
// offset into the prose is an offset into the document. Time is linear in the text, whatever the text is. No
// I/O.
//
//     const std::string prose = bare_prose("Falls by 3 % [5], see `x=2`.", Markup::markdown);
//     // "Falls by 3 % \1  , see \2    ."
//     for (Passages passages(prose); auto passage = passages.next();) …
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace assay::reports::check {

enum class Markup { markdown, latex };

/// By the file's name: .tex is LaTeX, the rest Markdown.
Markup markup_of(std::string_view file);

// Left in the first place of what was blanked where a reader of the prose must know that something stood
// there.
inline constexpr char kCitation = '\x01';  // [@key], [12], (Smith et al., 2020), \cite{…}
inline constexpr char kOpaque = '\x02';    // inline code, a formula
inline constexpr char kBacked = '\x03';    // an inline value that Assay fills in
inline constexpr char kOptOut = '\x04';    // <!-- assay:not-a-result -->
inline constexpr char kTable = '\x05';  // alone on its line: \begin{tabular}, whose rows have | between cells
inline constexpr char kTableEnd = '\x06';

/// `text` with spaces for front matter, code, comments, tags, targets of links, citations, references,
/// formulas and all that Assay fills in; as many bytes as `text`. Formulas that are a plain number stay
/// ("$2.3\times$" → " 2.3×     "). Control and bidirectional characters are blanked, too. Headings of LaTeX
/// become those of Markdown, its \item "- ".
std::string bare_prose(std::string_view text, Markup markup);

struct Passage {
  enum class Kind { heading, paragraph, item, table };
  Kind kind = Kind::paragraph;
  std::size_t begin = 0, end = 0;  // without marks of headings and lists
  int level = 0;                   // of a heading, from 1
  bool has_rule = true;            // of a table: its second line is |---|
};

/// The passages of a bare_prose, in order, without those that are opted out.
class Passages {
public:
  explicit Passages(std::string_view prose) : prose_(prose) {}
  std::optional<Passage> next();

private:
  struct Line {
    std::size_t begin = 0, end = 0, next = 0;  // end: without trailing spaces
    std::size_t first = 0;                     // not a space; end if blank
  };
  Line line_at(std::size_t at) const;
  std::optional<Passage> next_of_any();
  std::optional<Passage> rest_of_table();

  std::string_view prose_;
  std::size_t at_ = 0;
  bool skips_block_ = false;  // an opt-out stands alone on its line: up to the next blank line
  bool in_block_ = false;     // of those lines, one was seen
};

}  // namespace assay::reports::check
