#include <array>
#include <utility>

#include "reports/check/blanked.hpp"
#include "reports/fence.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

constexpr std::size_t kLongestTicks = 80;  // CommonMark's reference implementation has such a bound, too
constexpr std::size_t kLongestTarget = 2000;

/// "1998" to "2029" in `text`, as a word; npos where there is none.
std::size_t find_year(std::string_view text) {
  for (std::size_t i = 0; i + 4 <= text.size(); ++i) {
    const std::string_view year = text.substr(i, 4);
    const bool is_year =
        (year.starts_with("19") || year.starts_with("20")) && is_digit(year[2]) && is_digit(year[3]);
    if (is_year && (i == 0 || !is_digit(text[i - 1])) && (i + 4 == text.size() || !is_digit(text[i + 4])))
      return i;
  }
  return npos;
}

/// What stands in [ ]: "@key", "12", "3, 5–7", "Smith et al., 2020", "HZRS16", "CRD".
bool is_cited_in_brackets(std::string_view inside) {
  if (inside.empty() || inside.find_first_not_of(" xX") == npos) return false;
  if (inside.front() == '@' || inside.find(" @") != npos || inside.find("et al") != npos) return true;
  if (inside.find_first_not_of("0123456789,;- \xE2\x80\x93") == npos) {
    return inside.find_first_of("0123456789") != npos;
  }
  if (!is_letter(inside.front())) return false;
  if (find_year(inside) != npos) return true;
  const bool is_key = inside.size() >= 2 && inside.size() <= 12 &&
                      std::all_of(inside.begin(), inside.end(),
                                  [](char c) { return is_letter(c) || is_digit(c) || c == '+'; });
  const auto digits = std::count_if(inside.begin(), inside.end(), is_digit);
  const auto capitals = std::count_if(inside.begin(), inside.end(), is_upper);
  return is_key &&
         (is_digit(inside.back()) ? digits <= 4 : static_cast<std::size_t>(capitals) == inside.size());
}

/// What stands in ( ): "Smith et al., 2020", "see Lee & Kim, 2021"; "2020" if a name stands before.
bool is_cited_in_parentheses(std::string_view inside, bool behind_name) {
  const std::size_t year = find_year(inside);
  if (year == 0 && inside.size() <= 5) return behind_name;
  if (inside.find("et al") != npos) return true;
  if (year == npos || year < 4) return false;
  const std::string_view names = inside.substr(0, year);
  if (names.find(" & ") != npos || names.find(" and ") != npos) return is_upper(names.front());
  // "Smith, 2020", and neither "5 Dec, 2020" nor "Dec 5, 2020"
  const std::size_t comma = names.find_last_not_of(' ');
  return names[comma] == ',' && comma > 0 && is_letter(names[comma - 1]) && is_upper(names.front());
}

class Markdown {
public:
  explicit Markdown(std::string_view text) : text_(text), in_(text_.in), directives_(text_) {}

  std::string read() {
    skip_front_matter();
    while (at_ < in_.size()) {
      if (at_ == 0 || in_[at_ - 1] == '\n') {
        if (at_ >= paragraph_end_) begin_paragraph();
        if (reads_line()) continue;
      }
      read_character();
    }
    return std::move(text_.out);
  }

private:
  std::size_t line_end() { return std::min(newline_.from(at_), in_.size()); }

  void skip_front_matter() {
    if (!in_.starts_with("---\n") && !in_.starts_with("---\r\n")) return;
    const std::size_t end = in_.find("\n---", 3);
    if (end == npos) return;
    at_ = end + 4;
    text_.blank(0, at_);
  }

  /// Up to the next blank line.
  void begin_paragraph() {
    directives_.paragraph_ends();
    has_last_ticks_ = false;
    std::size_t at = at_;
    while (at < in_.size()) {
      const std::size_t end = std::min(in_.find('\n', at), in_.size());
      const bool is_blank = in_.substr(at, end - at).find_first_not_of(" \t\r") == npos;
      at = std::min(end + 1, in_.size());
      if (is_blank) break;
    }
    paragraph_end_ = at;
  }

  /// What concerns a line as a whole. True: the line is done with.
  bool reads_line() {
    const std::size_t begin = line_begin_ = at_, end = line_end();
    const std::size_t next = std::min(end + 1, in_.size());
    std::string_view line = in_.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    const bool was_blank = after_blank_;
    after_blank_ = first == line.size();
    if (fence_.covers(line) || after_blank_) {
      text_.blank(begin, end);
      at_ = next;
      return true;
    }
    const bool is_deep = first >= 4 || line.substr(0, first).find('\t') != npos;
    if (was_blank && is_deep && !in_list_) {  // indented code, which goes on after this line
      text_.blank(begin, end);
      after_blank_ = true;
      at_ = next;
      return true;
    }
    while (first < line.size() && (line[first] == '>' || line[first] == ' ')) ++first;
    text_.blank(begin, begin + first);
    const std::string_view rest = line.substr(first);
    const bool is_item = behind_list_mark(rest, 0) > 0;
    if (is_item) in_list_ = true;
    if (!is_item && was_blank && !is_deep && first < 2) in_list_ = false;
    if (is_definition(rest)) {
      text_.blank(begin, end);
      at_ = next;
      return true;
    }
    at_ = begin + first;
    return at_ >= in_.size();
  }

  /// "[label]: target", and no footnote.
  static bool is_definition(std::string_view line) {
    if (line.size() < 4 || line[0] != '[' || line[1] == '^') return false;
    const std::size_t close = line.substr(0, kLongestBracket).find(']');
    return close != npos && close + 1 < line.size() && line[close + 1] == ':';
  }

  void read_character() {
    switch (in_[at_]) {
      case '\\':
        if (at_ + 1 < in_.size() && in_[at_ + 1] != '\n') {
          text_.out[at_] = ' ';
          ++at_;
        }
        ++at_;
        break;
      case '`':
        read_code();
        break;
      case '<':
        read_tag();
        break;
      case '[':
        read_bracket();
        break;
      case ']':
        if (at_ + 1 < in_.size() && in_[at_ + 1] == '(') {
          blank_to(next_parenthesis_.from(at_), kLongestTarget);
        } else {
          ++at_;
        }
        break;
      case '(':
        read_parenthesis();
        break;
      case '@':
        read_key();
        break;
      case '$':
        read_formula();
        break;
      case 'h':
      case 'w':
        read_address();
        break;
      default:
        ++at_;
    }
  }

  bool is_near(std::size_t end, std::size_t most) const {
    return end != npos && end < paragraph_end_ && end - at_ <= most;
  }

  /// Blanks up to and with the character at `end` if it is near, else steps on.
  void blank_to(std::size_t end, std::size_t most) {
    const std::size_t next = is_near(end, most) ? end + 1 : at_ + 1;
    text_.blank(at_, next);
    at_ = next;
  }

  /// The last run of each number of backticks in this paragraph: where none follows, nobody looks for one.
  void find_last_ticks() {
    last_ticks_.fill(0);
    for (std::size_t i = at_; (i = in_.substr(0, paragraph_end_).find('`', i)) != npos;) {
      const std::size_t end = std::min(in_.find_first_not_of('`', i), in_.size());
      if (end - i <= kLongestTicks) last_ticks_[end - i] = i;
      i = end;
    }
    has_last_ticks_ = true;
  }

  void read_code() {
    if (!has_last_ticks_) find_last_ticks();
    const std::size_t begin = at_;
    at_ = std::min(in_.find_first_not_of('`', begin), in_.size());
    const std::size_t length = at_ - begin;
    if (length > kLongestTicks || last_ticks_[length] <= begin) return;
    for (std::size_t from = at_; (from = in_.find('`', from)) != npos;) {
      const std::size_t stop = std::min(in_.find_first_not_of('`', from), in_.size());
      if (stop - from == length) {
        text_.mark(begin, stop, kOpaque);
        at_ = stop;
        return;
      }
      from = stop;
    }
  }

  void read_tag() {
    const std::string_view rest = in_.substr(at_, 8);
    if (rest.starts_with("<!--")) return read_comment();
    if (rest.size() < 2 || !(is_letter(rest[1]) || rest[1] == '/' || rest[1] == '!' || rest[1] == '?')) {
      ++at_;
      return;
    }
    for (auto& [name, end] : elements_) {
      const char behind = at_ + 1 + name.size() < in_.size() ? in_[at_ + 1 + name.size()] : ' ';
      if (in_.substr(at_ + 1, name.size()) != name || is_letter(behind)) continue;
      const std::size_t close = end.from(at_);
      if (close != npos) return blank_through(close);
    }
    blank_to(next_angle_.from(at_), kLongestTarget);
  }

  void blank_through(std::size_t end) {
    text_.blank(at_, end);
    at_ = end;
  }

  void read_comment() {
    const std::size_t close = comment_end_.from(at_ + 4);
    if (close == npos) {
      const bool opens_block = text_.out.find_first_not_of(' ', line_begin_) == at_;
      if (opens_block) {
        blank_through(in_.size());  // as a browser shows it
      } else {
        ++at_;
      }
      return;
    }
    const std::size_t begin = at_, end = close + 3;
    blank_through(end);
    directives_.read(begin, end, in_.substr(begin + 4, close - begin - 4));
  }

  void read_bracket() {
    const std::size_t close = next_bracket_.from(at_);
    if (!is_near(close, kLongestBracket)) {
      ++at_;
      return;
    }
    const std::string_view inside = in_.substr(at_ + 1, close - at_ - 1);
    if (inside.starts_with('^')) {
      blank_to(close, kLongestBracket);
    } else if (is_cited_in_brackets(inside)) {
      text_.mark(at_, close + 1, kCitation);
      at_ = close;  // a target may follow: "[12](#ref-12)"
      if (close + 1 >= in_.size() || in_[close + 1] != '(') ++at_;
    } else {
      ++at_;
    }
  }

  void read_parenthesis() {
    const std::size_t close = next_parenthesis_.from(at_);
    if (!is_near(close, kLongestBracket)) {
      ++at_;
      return;
    }
    const std::string_view inside = in_.substr(at_ + 1, close - at_ - 1);
    if (is_cited_in_parentheses(inside, is_behind_name())) {
      text_.mark(at_, close + 1, kCitation);
      at_ = close + 1;
    } else {
      ++at_;
    }
  }

  /// "Smith (", "et al. (".
  bool is_behind_name() const {
    std::size_t begin = at_;
    while (begin > 0 && at_ - begin < 40 && is_white(in_[begin - 1])) --begin;
    while (begin > 0 && at_ - begin < 40 && !is_white(in_[begin - 1])) --begin;
    return is_upper(in_[begin]) || in_.substr(begin, 3) == "al.";
  }

  /// Pandoc's "@key".
  void read_key() {
    const bool begins = at_ == 0 || is_white(in_[at_ - 1]) || in_[at_ - 1] == '(' || in_[at_ - 1] == '-';
    if (!begins || at_ + 1 >= in_.size() || !is_letter(in_[at_ + 1])) {
      ++at_;
      return;
    }
    std::size_t end = at_ + 1;
    while (end < in_.size() &&
           (is_letter(in_[end]) || is_digit(in_[end]) || std::string_view(":_-").find(in_[end]) != npos))
      ++end;
    text_.mark(at_, end, kCitation);
    at_ = end;
  }

  /// As GitHub reads it: no space inside the dollars, no digit behind them.
  void read_formula() {
    const bool is_display = at_ + 1 < in_.size() && in_[at_ + 1] == '$';
    if (is_display) {
      const std::size_t close = double_dollar_.from(at_ + 2);
      if (is_near(close, kLongestFormula)) {
        text_.mark(at_, close + 2, kOpaque);
        at_ = close + 2;
      } else {
        at_ += 2;
      }
      return;
    }
    const std::size_t close = next_dollar_.from(at_ + 1);
    const bool opens = at_ + 1 < in_.size() && !is_white(in_[at_ + 1]);
    const bool closes = is_near(close, kLongestBracket) && !is_white(in_[close - 1]) &&
                        in_[close - 1] != '\\' && (close + 1 >= in_.size() || !is_digit(in_[close + 1]));
    if (opens && closes) {
      text_.replace(at_, close + 1, plain_formula(in_.substr(at_ + 1, close - at_ - 1)));
      at_ = close + 1;
    } else {
      ++at_;
    }
  }

  void read_address() {
    const std::string_view rest = in_.substr(at_, 8);
    const bool begins = at_ == 0 || !is_letter(in_[at_ - 1]);
    if (!begins ||
        !(rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www."))) {
      ++at_;
      return;
    }
    std::size_t end = at_;
    while (end < in_.size() && !is_white(in_[end]) && in_[end] != '>' && in_[end] != ')' && in_[end] != ']')
      ++end;
    text_.mark(at_, end, kOpaque);
    at_ = end;
  }

  Blanked text_;
  const std::string_view in_;
  Directives directives_;
  Fence fence_;
  std::size_t at_ = 0, line_begin_ = 0, paragraph_end_ = 0;
  bool after_blank_ = true, in_list_ = false, has_last_ticks_ = false;
  std::array<std::size_t, kLongestTicks + 1> last_ticks_{};
  Next newline_{in_, "\n"}, comment_end_{in_, "-->"}, next_angle_{in_, ">"}, next_bracket_{in_, "]"},
      next_parenthesis_{in_, ")"}, next_dollar_{in_, "$"}, double_dollar_{in_, "$$"};
  std::pair<std::string_view, Next> elements_[5] = {{"pre", {in_, "</pre"}},
                                                    {"script", {in_, "</script"}},
                                                    {"style", {in_, "</style"}},
                                                    {"code", {in_, "</code"}},
                                                    {"svg", {in_, "</svg"}}};
};

}  // namespace

std::string blank_markdown(std::string_view text) {
  return Markdown(text).read();
}

}  // namespace assay::reports::check
