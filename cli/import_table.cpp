#include "cli/import_table.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <unordered_map>

#include "harness/core/ascii.hpp"
#include "harness/core/printable.hpp"
#include "harness/core/utf8.hpp"

namespace assay::cli {

namespace {

/// 1-based line of the first byte that is no UTF-8, or is NUL; 0: there is none.
std::size_t line_without_text(std::string_view text) {
  std::size_t line = 1;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0 || c.code == 0) return line;
    if (c.code == '\n') ++line;
    text.remove_prefix(c.length);
  }
  return 0;
}

std::string_view without_mark(std::string_view text) { return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text; }

/// Rows as they come in; refuses what is more than a person's results.
class Rows {
 public:
  Rows(Table& table, const std::string& name) : table_(table), name_(name) {}

  Result<Done> add(std::uint64_t number, std::vector<std::string> cells) {
    cells_ += cells.size();
    if (table_.rows.size() == kMostImportRows || cells_ > kMostImportCells) {
      return Error{fmt::format("{}: more than {} rows or {} values; summarise what belongs to one process, or import it in parts", name_, kMostImportRows,
                               kMostImportCells)};
    }
    table_.rows.push_back({number, std::move(cells)});
    return Done{};
  }

 private:
  Table& table_;
  const std::string& name_;
  std::size_t cells_ = 0;
};

Error too_many_columns(const std::string& where) {
  return Error{fmt::format("{}: more than {} columns; keep those that are factors, metrics, replicates and rounds", where, kMostImportColumns)};
}

// ── CSV ───────────────────────────────────────────────────────────────────────────────────────────

/// RFC 4180: fields in quotes may hold separators, newlines and doubled quotes.
class Csv {
 public:
  Csv(std::string_view text, char separator, const std::string& name) : text_(text), separator_(separator), name_(name) {}

  bool at_end() const { return at_ == text_.size(); }
  std::uint64_t line() const { return line_; }  // of the record that record() gave

  Result<std::vector<std::string>> record() {
    std::vector<std::string> fields;
    line_ = next_line_;
    for (;;) {
      auto field = at_ < text_.size() && text_[at_] == '"' ? quoted() : plain();
      if (!field) return field.error();
      fields.push_back(*std::move(field));
      if (fields.size() > kMostImportColumns) return too_many_columns(fmt::format("{}:{}", name_, line_));
      if (at_ < text_.size() && text_[at_] == separator_) {
        ++at_;
        continue;
      }
      end_line();
      return fields;
    }
  }

 private:
  bool at_line_end() const { return at_ == text_.size() || text_[at_] == '\n' || (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n')); }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size()) ++at_;
    ++next_line_;
  }

  Result<std::string> plain() {
    const std::size_t begin = at_;
    while (!at_line_end() && text_[at_] != separator_) {
      if (text_[at_] == '"') {
        return Error{fmt::format("{}:{}: a quote inside a field that doesn't begin with one; put the whole field in quotes and double those in it", name_, next_line_)};
      }
      ++at_;
    }
    return std::string(trimmed(text_.substr(begin, at_ - begin)));
  }

  Result<std::string> quoted() {
    const std::uint64_t opened = next_line_;
    std::string field;
    for (++at_;; ++at_) {
      if (at_ == text_.size()) return Error{fmt::format("{}:{}: a quote is opened and never closed; close it, or double the quotes in the field", name_, opened)};
      if (text_[at_] == '\n') ++next_line_;
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += text_[at_++];
      } else {
        break;
      }
    }
    ++at_;
    if (at_line_end() || text_[at_] == separator_) return field;
    return Error{fmt::format("{}:{}: text stands behind a closing quote; put the whole field in quotes and double those in it", name_, next_line_)};
  }

  std::string_view text_;
  char separator_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t next_line_ = 1;
};

/// Names that a person can write in --map. A column without one, as pandas writes its index, is called by its number.
Result<Done> take_names(std::vector<std::string> names, const std::string& where, Table& table) {
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = fmt::format("#{}", i + 1);
    if (const std::string odd = unprintable_in(names[i]); !odd.empty()) {
      return Error{fmt::format("{}: the name of column {} holds {} ('{}'); names are printable text", where, i + 1, odd, printable(names[i]))};
    }
    const auto [known, added] = seen.emplace(names[i], i);
    if (!added) {
      return Error{fmt::format("{}: columns {} and {} are both named '{}'; give each a name of its own", where, known->second + 1, i + 1, printable(names[i]))};
    }
  }
  table.columns = std::move(names);
  return Done{};
}

Result<Table> csv_table(std::string_view text, const std::string& name, bool tabs) {
  const std::string_view header = text.substr(0, text.find('\n'));
  const bool has_tab = header.find('\t') != std::string_view::npos, has_comma = header.find(',') != std::string_view::npos;
  if (!tabs && !has_comma && header.find(';') != std::string_view::npos) {
    return Error{fmt::format("{}:1: its fields are separated by ';'; save it with commas, and with points in numbers", name)};
  }
  Table table;
  table.format = tabs || (has_tab && !has_comma) ? "tsv" : "csv";
  Csv csv(text, table.format == "tsv" ? '\t' : ',', name);
  auto names = csv.record();
  if (!names) return names.error();
  if (auto taken = take_names(*std::move(names), fmt::format("{}:1", name), table); !taken) return taken.error();
  Rows rows(table, name);
  while (!csv.at_end()) {
    auto fields = csv.record();
    if (!fields) return fields.error();
    const bool is_blank = fields->size() == 1 && fields->front().empty() && table.columns.size() > 1;
    if (is_blank) continue;
    if (fields->size() != table.columns.size()) {
      return Error{fmt::format("{}:{}: {} fields, but the header names {}; give every row as many as the header", name, csv.line(), fields->size(),
                               table.columns.size())};
    }
    if (auto added = rows.add(csv.line(), *std::move(fields)); !added) return added.error();
  }
  return table;
}

// ── JSON ──────────────────────────────────────────────────────────────────────────────────────────

/// Flat objects, one a row, read without a document: keys are columns in the order in which they first stand there.
class FlatRows : public nlohmann::json_sax<Json> {
 public:
  FlatRows(Table& table, const std::string& name) : table_(table), rows_(table, name), name_(name) {}

  /// Objects alone: a line of JSON lines.
  void in_line(std::uint64_t line) {
    line_ = line;
    in_list_ = true;
  }
  const std::string& mistake() const { return mistake_; }
  bool closed() const { return depth_ == 0; }
  void finish() {
    for (Table::Row& row : table_.rows) row.cells.resize(table_.columns.size());
  }

  bool null() override { return value(""); }
  bool boolean(bool v) override { return value(v ? "true" : "false"); }
  bool number_integer(number_integer_t v) override { return value(fmt::format("{}", v)); }
  bool number_unsigned(number_unsigned_t v) override { return value(fmt::format("{}", v)); }
  bool number_float(number_float_t v, const string_t&) override { return value(fmt::format("{}", v)); }
  bool string(string_t& v) override { return value(std::move(v)); }
  bool binary(binary_t&) override { return wrong("holds binary data"); }
  bool start_object(std::size_t) override {
    if (in_object_) return wrong(fmt::format("'{}' holds an object; a row is flat: numbers, text, true, false and null", printable(key_)));
    if (!in_list_) return wrong("is an object; write a list of flat objects, one a row");
    in_object_ = true;
    ++depth_;
    ++row_;
    cells_.assign(table_.columns.size(), "");
    given_.clear();
    return true;
  }
  bool key(string_t& name) override {
    key_ = name;
    const auto [at, added] = columns_.emplace(name, table_.columns.size());
    if (added) {
      if (const std::string odd = unprintable_in(name); name.empty() || !odd.empty()) {
        return wrong(fmt::format("has the key '{}'; a column's name is printable text", printable(name)));
      }
      if (table_.columns.size() == kMostImportColumns) return fail(too_many_columns(where()).message);
      table_.columns.push_back(name);
      cells_.emplace_back();
    }
    column_ = at->second;
    if (!given_.insert(column_).second) return wrong(fmt::format("has '{}' twice; keep one", printable(name)));
    return true;
  }
  bool end_object() override {
    in_object_ = false;
    --depth_;
    const auto added = rows_.add(line_ > 0 ? line_ : row_, std::move(cells_));
    return added ? true : fail(added.error().message);
  }
  bool start_array(std::size_t) override {
    if (in_object_) return wrong(fmt::format("'{}' holds a list; a row is flat: give each value a row or a column of its own", printable(key_)));
    if (in_list_) return wrong("is a list; every row is an object, e.g. {\"batch\": 8, \"latency_ms\": 1.2}");
    in_list_ = true;
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& e) override {
    const bool beyond = std::string_view(e.what()).find("overflow") != std::string_view::npos;
    if (beyond) return fail(fmt::format("{}: byte {}: a number is beyond what a double can hold", line_ > 0 ? fmt::format("{}:{}", name_, line_) : name_, byte));
    return fail(fmt::format("{}: not JSON at byte {}; NaN and Infinity are none, write null where there is no value",
                            line_ > 0 ? fmt::format("{}:{}", name_, line_) : name_, byte));
  }

 private:
  std::string where() const { return line_ > 0 ? fmt::format("{}:{}", name_, line_) : row_ > 0 ? fmt::format("{}: row {}", name_, row_) : name_; }
  bool fail(std::string message) {
    mistake_ = std::move(message);
    return false;
  }
  bool wrong(const std::string& what) { return fail(fmt::format("{}: {}", where(), what)); }
  bool value(std::string text) {
    if (!in_object_) return wrong("holds a value outside a row; every row is an object, e.g. {\"batch\": 8, \"latency_ms\": 1.2}");
    cells_[column_] = std::move(text);
    return true;
  }

  Table& table_;
  Rows rows_;
  const std::string& name_;
  std::string mistake_;
  std::unordered_map<std::string, std::size_t> columns_;
  std::vector<std::string> cells_;
  std::set<std::size_t> given_;  // columns that this row has
  std::string key_;
  std::size_t column_ = 0;
  std::uint64_t line_ = 0, row_ = 0;
  int depth_ = 0;
  bool in_list_ = false, in_object_ = false;
};

Result<Table> json_list_table(std::string_view text, const std::string& name) {
  Table table;
  table.format = "json";
  FlatRows rows(table, name);
  if (!Json::sax_parse(text.begin(), text.end(), &rows)) return Error{rows.mistake()};
  rows.finish();
  return table;
}

Result<Table> json_lines_table(std::string_view text, const std::string& name) {
  Table table;
  table.format = "jsonl";
  FlatRows rows(table, name);
  for (std::uint64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    rows.in_line(line);
    if (!Json::sax_parse(one.begin(), one.end(), &rows)) return Error{rows.mistake()};
  }
  rows.finish();
  return table;
}

bool is_list(const Json& document, const char* key) { return document.is_object() && document.contains(key) && document[key].is_array(); }

Result<Table> json_object_table(std::string_view text, const std::string& name) {
  // A line that is an object by itself, and isn't all: one row of many.
  const std::string_view first = text.substr(0, text.find('\n'));
  const auto alone = parse_json(first);
  const bool is_row = alone && alone->is_object() && !is_list(*alone, "benchmarks") && !is_list(*alone, "results");
  if (is_row) return json_lines_table(text, name);
  const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  // Its counters may be NaN, which no JSON reader takes: so it is known by its words.
  if (has("\"benchmarks\"") && has("\"context\"")) return google_benchmark_table(text, name);
  const auto document = parse_json(text);
  if (!document) return Error{fmt::format("{}: {}", name, document.error().message)};
  if (is_list(*document, "results")) return hyperfine_table(*document, name);
  return Error{fmt::format("{}: an object that is neither Google Benchmark's nor hyperfine's; write a list of flat objects, one a row, or CSV", name)};
}

Error at_file(const std::string& path, std::string_view what) { return Error{fmt::format("{}: {}", path, what)}; }

}  // namespace

std::string Table::place(std::string_view shown_name, const Row& row) const {
  return fmt::format("{}{}{}", shown_name, has_lines() ? ":" : ": row ", row.number);
}

Result<std::string> read_import_file(const std::string& path) {
  const std::string shown = printable(path, 400);
  // Without waiting for the other end of a pipe: what is no file is refused below.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return at_file(shown, errno == ENOENT ? "no such file" : std::strerror(errno));
  std::string bytes;
  const auto read = [&]() -> Result<Done> {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return at_file(shown, std::strerror(errno));
    if (S_ISDIR(status.st_mode)) return at_file(shown, "is a folder; name a file in it");
    if (!S_ISREG(status.st_mode)) return at_file(shown, "is no regular file; save the results in one and name that");
    for (;;) {
      constexpr std::size_t kPiece = std::size_t{1} << 20;
      const std::size_t before = bytes.size();
      bytes.resize(before + kPiece);
      const ssize_t got = ::read(descriptor, bytes.data() + before, kPiece);
      bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return at_file(shown, std::strerror(errno));
      if (got == 0) return Done{};
      if (bytes.size() > kLongestImport) {
        return at_file(shown, fmt::format("has more than {} MiB; import results, one row a replicate, not a log of every request", kLongestImport >> 20));
      }
    }
  }();
  ::close(descriptor);
  if (!read) return read.error();
  return bytes;
}

Result<Table> read_table(std::string_view bytes, const std::string& shown_name) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return Error{fmt::format("{}:1: the file is UTF-16; save it as UTF-8", shown_name)};
  if (const std::size_t line = line_without_text(bytes)) {
    return Error{fmt::format("{}:{}: a byte that is no UTF-8 text, or NUL; save the file as UTF-8", shown_name, line)};
  }
  const std::string_view text = without_mark(bytes);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return Error{fmt::format("{}: is empty; it needs a header and a row for each result", shown_name)};
  const bool named_csv = shown_name.ends_with(".csv"), named_tsv = shown_name.ends_with(".tsv");
  const char begin = named_csv || named_tsv ? 'c' : text[first];
  auto table = begin == '['   ? json_list_table(text, shown_name)
               : begin == '{' ? json_object_table(text, shown_name)
                              : csv_table(text, shown_name, named_tsv);
  if (table && table->rows.empty()) return Error{fmt::format("{}: has no rows; it needs one for each result", shown_name)};
  return table;
}

}  // namespace assay::cli
