#include "reports/check/prose_table.hpp"

#include <algorithm>

namespace assay::reports::check {

namespace {

constexpr std::size_t kMostColumns = 200;
constexpr std::size_t kFewDecimals = 4;  // under headings that tell nothing: so many make a table of results
constexpr std::ptrdiff_t kWordsBefore = 2;  // a cell's number: "about 3 ms", and no sentence that has one

}  // namespace

std::vector<TableReader::Span> TableReader::cells_of(Span row) const {
  std::vector<Span> cells;
  while (row.begin < row.end && prose_[row.begin] == ' ') ++row.begin;
  if (row.begin < row.end && prose_[row.begin] == '|') ++row.begin;
  while (row.begin < row.end && cells.size() < kMostColumns) {
    const std::size_t bar = std::min(prose_.substr(0, row.end).find('|', row.begin), row.end);
    cells.push_back({row.begin, bar});
    row.begin = bar + 1;
  }
  return cells;
}

TableReader::About TableReader::about(const Span& heading) {
  tokens_.go_to(heading.begin, heading.end);
  if (!tokens_.next_sentence(sentence_)) return About::unknown;
  bool is_metric = false;
  for (const Token& token : sentence_) {
    const bool is_text = token.kind == Token::Kind::word || token.kind == Token::Kind::sign;
    const Unit* unit = is_text ? lexicon_.unit_of(token.text, token.lower) : nullptr;
    if (unit && is_measured(unit->dimension)) is_metric = true;
    if (token.is(kMetric) && !token.is(kSetting)) is_metric = true;
    if (token.is(kExpected | kIntended | kTheirs) || token.kind == Token::Kind::mark) return About::other;
    if (token.is(kSetting) && !is_metric) return About::other;
  }
  return is_metric ? About::metric : About::unknown;
}

TableReader::Cell TableReader::read_cell(const Span& span) {
  Cell cell;
  tokens_.go_to(span.begin, span.end);
  if (!tokens_.next_sentence(sentence_)) return cell;
  const auto is_wanted = [](const Token& t) {
    return t.is(kExpected) || t.lower == "<" || t.lower == ">" || t.lower == "≤" || t.lower == "≥";
  };
  if (std::any_of(sentence_.begin(), sentence_.end(), is_wanted)) return cell;
  const auto number = std::find_if(sentence_.begin(), sentence_.end(),
                                   [](const Token& t) { return t.kind == Token::Kind::number; });
  if (number == sentence_.end() || number - sentence_.begin() > kWordsBefore) return cell;
  const Dimension dimension = number->unit ? number->unit->dimension : Dimension::none;
  if (number->is_name || number->is_joined || dimension == Dimension::property ||
      dimension == Dimension::thing)
    return cell;
  if (levels_.contain(prose_.substr(number->begin, std::max(number->text_end, number->end) - number->begin)))
    return cell;
  cell.is_number = true;
  cell.has_unit = dimension != Dimension::none;
  cell.is_decimal = number->decimals > 0;
  cell.is_backed = records_.hold(*number);
  return cell;
}

TableCount TableReader::count(const Passage& table, const Passage& caption, Topic topic) {
  TableCount count;
  const About all = caption.end > caption.begin ? about({caption.begin, caption.end}) : About::unknown;
  if (topic == Topic::expectation || topic == Topic::related || topic == Topic::background) return count;
  const bool is_setup = topic == Topic::setup;
  std::vector<About> columns;
  std::size_t unknown = 0, decimals = 0, row_number = 0;
  for (std::size_t at = table.begin; at < table.end; ++row_number) {
    const std::size_t end = std::min(prose_.substr(0, table.end).find('\n', at), table.end);
    const std::vector<Span> row = cells_of({at, end});
    at = end + 1;
    if (row.size() < 2) {
      --row_number;
      continue;
    }
    if (row_number == 0) {
      for (const Span& heading : row) columns.push_back(about(heading));
    }
    if (row_number == 0 || (row_number == 1 && table.has_rule)) continue;
    const About label = about(row.front());
    for (std::size_t c = 1; c < row.size() && c < columns.size(); ++c) {
      const Cell cell = columns[c] == About::other ? Cell() : read_cell(row[c]);
      if (!cell.is_number) continue;
      if (columns[c] == About::metric || label == About::metric || all == About::metric ||
          (cell.has_unit && !is_setup)) {
        ++count.numbers;
        count.backed += cell.is_backed ? 1 : 0;
      } else {
        ++unknown;
        decimals += cell.is_decimal ? 1 : 0;
      }
    }
  }
  if (decimals >= kFewDecimals && !is_setup) count.numbers += unknown;
  return count;
}

}  // namespace assay::reports::check
