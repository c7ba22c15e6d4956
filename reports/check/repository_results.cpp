// Results that can't be: a measurement that is equal to the last digit for three models, or under two names.
// It happens when a loop measures the same thing again, or a table was filled in by hand.
#include <algorithm>
#include <charconv>
#include <map>

#include "harness/core/ascii.hpp"
#include "harness/core/json.hpp"
#include "reports/check/repository_rules.hpp"

namespace assay::reports::check {

namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 20;
constexpr std::size_t kMostFiles = 200;
constexpr std::size_t kMostRows = 5000, kMostColumns = 100;
constexpr std::size_t kEnough = 3;  // equal ones: two may be chance

struct Cells {
  std::vector<std::string> names;              // of columns
  std::vector<std::vector<std::string>> rows;  // as many fields as names
  std::vector<int> lines;
};

/// RFC 4180; rows of another length than the first are left out.
Cells read_csv(std::string_view text) {
  Cells cells;
  std::vector<std::string> row(1);
  int line = 1, begun = 1;
  bool quoted = false;
  const auto end_row = [&] {
    if (cells.names.empty())
      cells.names = row;
    else if (row.size() == cells.names.size() && cells.rows.size() < kMostRows) {
      cells.rows.push_back(row);
      cells.lines.push_back(begun);
    }
    row.assign(1, "");
    begun = line;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"')
        row.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        row.back() += text[i++];
      else
        quoted = false;
    } else if (c == '"' && row.back().empty()) {
      quoted = true;
    } else if (c == ',' || c == ';' || c == '\t') {
      if (row.size() <= kMostColumns) row.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  if (row.size() > 1) end_row();
  return cells;
}

/// A list of objects, or an object of objects: each is a row, its numbers and words the cells.
Cells read_objects(std::string_view text) {
  Cells cells;
  const auto parsed = parse_json(text);
  if (!parsed || (!parsed->is_object() && !parsed->is_array())) return cells;
  const Json* rows = &*parsed;
  if (rows->is_object()) {  // {"results": [ … ]}
    for (const auto& [name, value] : parsed->items()) {
      if (value.is_array() && parsed->size() <= 8 && !value.empty() && value.front().is_object())
        rows = &value;
    }
  }
  std::map<std::string, std::size_t> columns;
  for (const auto& [name, row] : rows->items()) {
    if (!row.is_object()) continue;
    for (const auto& [field, value] : row.items()) {
      if (columns.size() < kMostColumns && value.is_primitive()) columns.emplace(field, columns.size());
    }
  }
  cells.names.resize(columns.size() + 1);
  for (const auto& [field, at] : columns) cells.names[at + 1] = field;
  for (const auto& [name, row] : rows->items()) {
    if (!row.is_object() || cells.rows.size() >= kMostRows) continue;
    std::vector<std::string> fields(columns.size() + 1);
    fields[0] = rows->is_object() ? name : "";
    for (const auto& [field, at] : columns) {
      const auto found = row.find(field);
      if (found != row.end() && found->is_primitive())
        fields[at + 1] = found->is_string() ? found->get<std::string>()
                                            : found->dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    cells.rows.push_back(std::move(fields));
    cells.lines.push_back(0);
  }
  return cells;
}

bool is_number(const std::string& text) {
  double value = 0;
  const std::string_view bare = trimmed(text);
  const auto [end, failure] = std::from_chars(bare.data(), bare.data() + bare.size(), value);
  return !bare.empty() && failure == std::errc() && end == bare.data() + bare.size();
}

/// With a point and three digits that count: a value that somebody measured, no count or setting.
bool is_measured(const std::string& text) {
  if (!is_number(text) || text.find('.') == std::string::npos) return false;
  const std::string mantissa = text.substr(0, text.find_first_of("eE"));
  std::size_t digits = 0;
  bool counts = false;
  for (const char c : mantissa) {
    counts = counts || (c >= '1' && c <= '9');
    digits += counts && c >= '0' && c <= '9';
  }
  const std::size_t zeros =
      mantissa.size() - 1 - std::min(mantissa.find_last_not_of('0'), mantissa.size() - 1);
  return digits - std::min(digits, zeros) >= 3;
}

class ResultCheck {
public:
  ResultCheck(const std::string& file, const Cells& cells, const Findings& add)
      : file_(file), cells_(cells), add_(add) {}

  void run() {
    if (cells_.rows.size() < kEnough || cells_.names.size() < 2) return;
    for (std::size_t c = 0; c < cells_.names.size(); ++c) {
      std::size_t numbers = 0, measured = 0;
      for (const auto& row : cells_.rows) {
        numbers += is_number(row[c]);
        measured += is_measured(row[c]);
      }
      // A column of words says which row it is; one of whole numbers may be a setting, and does as well.
      if (2 * measured > cells_.rows.size())
        measured_.push_back(c);
      else if (2 * numbers < cells_.rows.size())
        labels_.push_back(c);
    }
    if (measured_.empty()) return;
    check_rows();
    check_columns();
  }

private:
  std::string joined(const std::vector<std::string>& row, const std::vector<std::size_t>& columns) const {
    std::string text;
    for (const std::size_t c : columns) text += row[c] + '\x1f';
    return text;
  }

  void check_rows() {
    if (labels_.empty()) return;
    std::map<std::string, std::vector<std::size_t>> by_values;
    for (std::size_t r = 0; r < cells_.rows.size(); ++r) {
      if (std::any_of(measured_.begin(), measured_.end(),
                      [&](std::size_t c) { return is_measured(cells_.rows[r][c]); }))
        by_values[joined(cells_.rows[r], measured_)].push_back(r);
    }
    for (const auto& [values, rows] : by_values) {
      std::vector<std::string> labels;
      for (const std::size_t r : rows) {
        std::string label;
        for (const std::size_t c : labels_) label += (label.empty() ? "" : " ") + cells_.rows[r][c];
        if (std::find(labels.begin(), labels.end(), label) == labels.end() && labels.size() < 100)
          labels.push_back(label);
      }
      if (labels.size() < kEnough) continue;
      add_.add(Severity::note, "results.identical", file_, cells_.lines[rows.front()],
               fmt::format("the same values for {} different rows: {}", labels.size(), some_of(labels, 4)),
               "see that each was measured: a loop may have measured one of them again");
      return;
    }
  }

  void check_columns() {
    std::map<std::string, std::size_t> by_values;
    for (const std::size_t c : measured_) {
      std::string values;
      std::vector<std::string> distinct;
      for (const auto& row : cells_.rows) {
        values += row[c] + '\x1f';
        if (distinct.size() < kEnough &&
            std::find(distinct.begin(), distinct.end(), row[c]) == distinct.end())
          distinct.push_back(row[c]);
      }
      const auto [first, fresh] = by_values.emplace(values, c);
      if (fresh || distinct.size() < kEnough) continue;
      add_.add(Severity::note, "results.identical", file_, 1,
               fmt::format("columns '{}' and '{}' hold the same values",
                           plain_text(cells_.names[first->second], 60), plain_text(cells_.names[c], 60)),
               "see that both were measured");
      return;
    }
  }

  const std::string& file_;
  const Cells& cells_;
  const Findings& add_;
  std::vector<std::size_t> measured_, labels_;
};

}  // namespace

void check_results(const RepositoryFacts& facts, const Findings& add) {
  std::vector<std::string> runs;  // what Assay wrote is checked against its run, not here
  for (const TreeFile& file : facts.tree.files) {
    if (file_name(file.path) == "journal.jsonl") runs.emplace_back(folder_of(file.path));
  }
  std::sort(runs.begin(), runs.end());
  const auto is_of_run = [&](std::string_view path) {
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
      if (std::binary_search(runs.begin(), runs.end(), std::string(folder))) return true;
    }
    return false;
  };
  std::size_t files = 0;
  for (const TreeFile& file : facts.tree.files) {
    const bool csv = file.path.ends_with(".csv") || file.path.ends_with(".tsv"),
               json = file.path.ends_with(".json");
    if ((!csv && !json) || file.bytes > kLargestFile || file_name(file.path) == "package-lock.json" ||
        is_of_run(file.path))
      continue;
    if (++files > kMostFiles) return;
    const auto text = read_below(facts.folder, file.path, kLargestFile);
    if (text) ResultCheck(file.path, csv ? read_csv(*text) : read_objects(*text), add).run();
  }
}

}  // namespace assay::reports::check
