// How many cells of a Markdown table that people typed look like results.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "reports/check/prose_records.hpp"
#include "reports/check/prose_sentence.hpp"
#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

struct TableCount {
  std::size_t numbers = 0;  // that look like results
  std::size_t backed = 0;   // of them, by a record
};

class TableReader {
public:
  /// All must outlive it.
  TableReader(std::string_view prose, Tokens& tokens, const Lexicon& lexicon, const Records& records,
              const Levels& levels)
      : prose_(prose), tokens_(tokens), lexicon_(lexicon), records_(records), levels_(levels) {}

  /// A cell counts if its column's or its row's heading names a metric, or if it has a unit; in a table whose
  /// headings tell nothing, if it has several decimal numbers. Columns of settings, targets and others'
  /// values don't. `caption` is what stands above the table; it may be empty, or name what all cells are.
  TableCount count(const Passage& table, const Passage& caption, Topic topic);

private:
  struct Span {
    std::size_t begin = 0, end = 0;
  };
  enum class About { unknown, metric, other };
  struct Cell {
    bool is_number = false, has_unit = false, is_decimal = false, is_backed = false;
  };

  std::vector<Span> cells_of(Span row) const;
  About about(const Span& heading);
  Cell read_cell(const Span& span);

  std::string_view prose_;
  Tokens& tokens_;
  const Lexicon& lexicon_;
  const Records& records_;
  const Levels& levels_;
  std::vector<Token> sentence_;
};

}  // namespace assay::reports::check
