#include "reports/check/prose_text.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "reports/fence.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

// A bracket, parenthesis or argument that is longer is text like any other. Bounds what is read twice.
constexpr std::size_t kLongestBracket = 400;
constexpr std::size_t kLongestTicks = 80;  // CommonMark's reference implementation has such a bound, too

// Environments of LaTeX that hold no prose.
constexpr std::string_view kSkippedEnvironments[] = {
    "algorithm", "algorithmic", "align",    "align*",     "comment",    "displaymath", "equation", "equation*",
    "eqnarray",  "filecontents", "gather",  "gather*",    "lstlisting", "math",        "minted",   "multline",
    "tabular",   "tabular*",    "tabularx", "longtable",  "thebibliography", "tikzpicture", "verbatim", "Verbatim"};

// Commands of LaTeX whose arguments are no prose.
constexpr std::string_view kArgumentsSkipped[] = {
    "addbibresource", "autoref", "author", "bibliography", "bibliographystyle", "color", "cref", "Cref", "date",
    "DeclareMathOperator", "def", "definecolor", "documentclass", "eqref", "fontsize", "geometry", "graphicspath",
    "hypersetup", "hspace", "include", "includegraphics", "input", "label", "lstset", "newcommand", "pageref",
    "pagestyle", "providecommand", "ref", "renewcommand", "rule", "setcounter", "setlength", "sisetup", "url",
    "usepackage", "vref", "vspace"};

constexpr std::string_view kCiting[] = {"cite",     "citep",     "citet",    "citeauthor", "citeyear",  "citealp",
                                        "nocite",   "parencite", "textcite", "footcite",   "autocite", "supercite"};

struct Heading {
  std::string_view command, mark;
};
constexpr Heading kHeadings[] = {{"title", "\n# "},           {"chapter", "\n# "},          {"section", "\n## "},
                                 {"subsection", "\n### "},    {"subsubsection", "\n#### "}, {"paragraph", "\n\n**"},
                                 {"subparagraph", "\n\n**"}};

// Symbols of a formula that is a plain number. What stands for none ends as a blank.
struct Symbol {
  std::string_view tex, plain;
};
constexpr Symbol kSymbols[] = {{"times", "×"}, {"pm", "±"}, {"mu", "µ"}, {"to", "→"},     {"rightarrow", "→"},
                               {"approx", ""}, {"sim", ""}, {"text", ""}, {"mathrm", ""}, {"textrm", ""}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

template <typename Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// Where a text occurs next, asked for rising places: all searches together read the document once.
class Next {
public:
  Next(std::string_view in, std::string_view what) : in_(in), what_(what) {}

  std::size_t from(std::size_t at) {
    if (!asked_ || (found_ != npos && found_ < at)) found_ = in_.find(what_, at);
    asked_ = true;
    return found_;
  }

private:
  std::string_view in_;
  std::string what_;
  std::size_t found_ = 0;
  bool asked_ = false;
};

/// "1998" to "2029" in `text`, as a word; npos where there is none.
std::size_t find_year(std::string_view text) {
  for (std::size_t i = 0; i + 4 <= text.size(); ++i) {
    const std::string_view year = text.substr(i, 4);
    const bool is_year = (year.starts_with("19") || year.starts_with("20")) && is_digit(year[2]) && is_digit(year[3]);
    if (is_year && (i == 0 || !is_digit(text[i - 1])) && (i + 4 == text.size() || !is_digit(text[i + 4]))) return i;
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
                      std::all_of(inside.begin(), inside.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '+'; });
  const auto digits = std::count_if(inside.begin(), inside.end(), is_digit);
  const auto capitals = std::count_if(inside.begin(), inside.end(), is_upper);
  return is_key && (is_digit(inside.back()) ? digits <= 4 : static_cast<std::size_t>(capitals) == inside.size());
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

/// A formula that is no more than a number with a sign, "2.3\times", "11\,\%", "\pm 0.2": as plain text. Nothing for any other.
std::optional<std::string> plain_formula(std::string_view tex) {
  std::string plain;
  bool in_text = false;
  for (std::size_t i = 0; i < tex.size(); ++i) {
    const char c = tex[i];
    if (c == '\\' && i + 1 < tex.size() && !is_letter(tex[i + 1])) {
      plain += std::string_view("%$&#").find(tex[i + 1]) != npos ? tex[i + 1] : ' ';
      ++i;
    } else if (c == '\\') {
      std::size_t end = i + 1;
      while (end < tex.size() && is_letter(tex[end])) ++end;
      const std::string_view name = tex.substr(i + 1, end - i - 1);
      const auto symbol = std::find_if(std::begin(kSymbols), std::end(kSymbols), [&](const Symbol& s) { return s.tex == name; });
      if (symbol == std::end(kSymbols)) return std::nullopt;
      in_text |= name == "text" || name == "mathrm" || name == "textrm";
      plain += symbol->plain;
      i = end - 1;
    } else if (c == '{' || c == '}' || c == '~' || c == '\n') {
      in_text &= c != '}';
      plain += ' ';
    } else if (is_digit(c) || std::string_view(" .,%+-/").find(c) != npos || (in_text && is_letter(c))) {
      plain += c;
    } else {
      return std::nullopt;
    }
  }
  return plain;
}

/// The text and its copy that is blanked place by place.
class Blanked {
public:
  explicit Blanked(std::string_view text) : in(text), out(text) { blank_characters(); }

  void blank(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
  }
  void mark(std::size_t begin, std::size_t end, char what) {
    blank(begin, end);
    if (begin < end) out[begin] = what;
  }
  /// `what` at the end of the span, so that it touches what follows; a mark if it doesn't fit.
  void replace(std::size_t begin, std::size_t end, const std::optional<std::string>& what) {
    if (!what || what->size() > end - begin) return mark(begin, end, kOpaque);
    blank(begin, end);
    std::copy(what->begin(), what->end(), out.begin() + static_cast<std::ptrdiff_t>(end - what->size()));
  }

  const std::string_view in;
  std::string out;

private:
  /// Control, bidirectional and invisible characters and wide spaces: none is prose, and none may reach a terminal.
  void blank_characters() {
    const auto at = [&](std::size_t i) { return i < in.size() ? static_cast<unsigned char>(in[i]) : 0U; };
    for (std::size_t i = 0; i < in.size(); ++i) {
      const unsigned c = at(i);
      if ((c < 0x20 && c != '\n') || c == 0x7F) {
        out[i] = ' ';
      } else if (c == 0xC2 && at(i + 1) <= 0xA0 && at(i + 1) >= 0x80) {  // U+0080 to U+00A0
        blank(i, i + 2);
      } else if (c == 0xE2 && ((at(i + 1) == 0x80 && ((at(i + 2) <= 0x8F && at(i + 2) >= 0x80) || (at(i + 2) >= 0xA8 && at(i + 2) <= 0xAF))) ||
                               (at(i + 1) == 0x81 && at(i + 2) >= 0x9F && at(i + 2) <= 0xAF))) {
        blank(i, i + 3);  // U+2000 to U+200F, U+2028 to U+202F, U+205F to U+206F
      } else if (c == 0xEF && at(i + 1) == 0xBB && at(i + 2) == 0xBF) {
        blank(i, i + 3);
      }
    }
  }
};

/// Comments to Assay: what they cover is blanked once they end.
class Directives {
public:
  explicit Directives(Blanked& text) : text_(text) {}

  /// A comment stands in [begin, end), with `inside` between its marks. Whether it is one of ours.
  bool read(std::size_t begin, std::size_t end, std::string_view inside) {
    std::size_t at = std::min(inside.find_first_not_of(" \t\n"), inside.size());
    constexpr std::string_view kName = "assay:";
    if (!inside.substr(at).starts_with(kName)) return false;
    at += kName.size();
    const std::string_view verb = word(inside, at), object = word(inside, at);
    if (verb == "not-a-result" && object == "end") {
      if (opted_out_ != npos) text_.blank(opted_out_, end);
      opted_out_ = npos;
    } else if (verb == "not-a-result") {
      text_.out[begin] = kOptOut;
      if (object == "begin" && opted_out_ == npos) opted_out_ = begin;
    } else if (verb == "value") {
      value_ = begin;
    } else if (verb == "begin") {
      block_ = begin;
      kind_ = object;
    } else if (verb == "end" && value_ != npos && (object == "value" || kind_.empty() || object != kind_)) {
      text_.mark(value_, end, kBacked);
      value_ = npos;
    } else if (verb == "end" && block_ != npos && object == kind_) {
      text_.blank(block_, end);
      block_ = npos;
      kind_ = {};
    }
    return true;
  }

  /// An inline value ends in its paragraph or never began.
  void paragraph_ends() { value_ = npos; }

private:
  static std::string_view word(std::string_view text, std::size_t& at) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\n", at), text.size());
    at = std::min(text.find_first_of(" \t\n", begin), text.size());
    return text.substr(begin, at - begin);
  }

  Blanked& text_;
  std::size_t opted_out_ = npos, value_ = npos, block_ = npos;
  std::string_view kind_;
};

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
      case '`': read_code(); break;
      case '<': read_tag(); break;
      case '[': read_bracket(); break;
      case ']':
        if (at_ + 1 < in_.size() && in_[at_ + 1] == '(') {
          blank_to(next_parenthesis_.from(at_), 2000);
        } else {
          ++at_;
        }
        break;
      case '(': read_parenthesis(); break;
      case '@': read_key(); break;
      case '$': read_formula(); break;
      case 'h':
      case 'w': read_address(); break;
      default: ++at_;
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
    blank_to(next_angle_.from(at_), 2000);
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
    while (begin > 0 && at_ - begin < 40 && is_space(in_[begin - 1])) --begin;
    while (begin > 0 && at_ - begin < 40 && !is_space(in_[begin - 1])) --begin;
    return is_upper(in_[begin]) || in_.substr(begin, 3) == "al.";
  }

  /// Pandoc's "@key".
  void read_key() {
    const bool begins = at_ == 0 || is_space(in_[at_ - 1]) || in_[at_ - 1] == '(' || in_[at_ - 1] == '-';
    if (!begins || at_ + 1 >= in_.size() || !is_letter(in_[at_ + 1])) {
      ++at_;
      return;
    }
    std::size_t end = at_ + 1;
    while (end < in_.size() && (is_letter(in_[end]) || is_digit(in_[end]) || std::string_view(":_-").find(in_[end]) != npos)) ++end;
    text_.mark(at_, end, kCitation);
    at_ = end;
  }

  /// As GitHub reads it: no space inside the dollars, no digit behind them.
  void read_formula() {
    const bool is_display = at_ + 1 < in_.size() && in_[at_ + 1] == '$';
    if (is_display) {
      const std::size_t close = double_dollar_.from(at_ + 2);
      if (is_near(close, 10'000)) {
        text_.mark(at_, close + 2, kOpaque);
        at_ = close + 2;
      } else {
        at_ += 2;
      }
      return;
    }
    const std::size_t close = next_dollar_.from(at_ + 1);
    const bool opens = at_ + 1 < in_.size() && !is_space(in_[at_ + 1]);
    const bool closes = is_near(close, kLongestBracket) && !is_space(in_[close - 1]) && in_[close - 1] != '\\' &&
                        (close + 1 >= in_.size() || !is_digit(in_[close + 1]));
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
    if (!begins || !(rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www."))) {
      ++at_;
      return;
    }
    std::size_t end = at_;
    while (end < in_.size() && !is_space(in_[end]) && in_[end] != '>' && in_[end] != ')' && in_[end] != ']') ++end;
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

class Latex {
public:
  explicit Latex(std::string_view text) : text_(text), in_(text_.in), directives_(text_) {}

  std::string read() {
    skip_preamble();
    while (at_ < in_.size()) {
      switch (in_[at_]) {
        case '%': read_comment(); break;
        case '\\': read_command(); break;
        case '$': read_formula(in_.substr(at_).starts_with("$$") ? 2 : 1); break;
        case '}':
          if (at_ != heading_end_) text_.out[at_] = ' ';
          ++at_;
          break;
        case '{':
        case '~':
        case '&': text_.out[at_++] = ' '; break;
        default: ++at_;
      }
    }
    return std::move(text_.out);
  }

private:
  /// Of what stands before \begin{document}, only the title is read.
  void skip_preamble() {
    const std::size_t end = in_.find("\\begin{document}");
    if (end == npos) return;
    const std::size_t title = in_.substr(0, end).find("\\title{");
    text_.blank(0, title == npos ? end : title);
    at_ = end;
    if (title == npos) return;
    const std::size_t close = std::min(end, behind_group(title + 6));
    text_.blank(close, end);
    at_ = title;
    read_command();
    while (at_ < close) {
      if (in_[at_] == '\\') {
        read_command();
      } else {
        ++at_;
      }
    }
    at_ = end;
  }

  /// Behind the { } or [ ] that begins at `open`; `open` itself where it doesn't end soon.
  std::size_t behind_group(std::size_t open) const {
    if (open >= in_.size() || (in_[open] != '{' && in_[open] != '[')) return open;
    const char opens = in_[open], closes = opens == '{' ? '}' : ']';
    int depth = 0;
    for (std::size_t i = open; i < std::min(in_.size(), open + kLongestBracket); ++i) {
      if (in_[i] == '\\') {
        ++i;
      } else if (in_[i] == opens) {
        ++depth;
      } else if (in_[i] == closes && --depth == 0) {
        return i + 1;
      }
    }
    return open;
  }

  std::size_t behind_arguments(std::size_t at) const {
    for (std::size_t next; (next = behind_group(at)) > at;) at = next;
    return at;
  }

  void read_comment() {
    const std::size_t begin = at_;
    at_ = std::min(newline_.from(at_), in_.size());
    text_.blank(begin, at_);
    directives_.read(begin, at_, in_.substr(begin + 1, at_ - begin - 1));
  }

  void read_formula(std::size_t length) {
    Next& closes = length == 2 ? double_dollar_ : next_dollar_;
    const std::size_t close = closes.from(at_ + length);
    if (close == npos || close - at_ > 10'000) {
      at_ += length;
      return;
    }
    text_.replace(at_, close + length, plain_formula(in_.substr(at_ + length, close - at_ - length)));
    at_ = close + length;
  }

  void skip(std::size_t end) {
    text_.blank(at_, end);
    at_ = end;
  }

  /// Over what stands at `at_`, which is to be skipped up to `end`.
  void put(std::string_view mark, std::size_t end) {
    const std::size_t begin = at_;
    skip(end);
    if (mark.size() <= end - begin) std::copy(mark.begin(), mark.end(), text_.out.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  void read_command() {
    std::size_t end = at_ + 1;
    while (end < in_.size() && is_letter(in_[end])) ++end;
    const std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
    if (name.empty()) return read_escape();
    if (end < in_.size() && in_[end] == '*') ++end;
    const auto heading =
        std::find_if(std::begin(kHeadings), std::end(kHeadings), [&](const Heading& h) { return h.command == name; });
    if (heading != std::end(kHeadings)) {
      const std::size_t close = behind_group(end);
      if (close > end) text_.out[close - 1] = heading->mark.ends_with('*') ? '*' : '\n';
      put(heading->mark, std::min(end + 1, in_.size()));
      if (close > end) heading_end_ = close - 1;
    } else if (is_one_of(name, kCiting)) {
      const std::size_t begin = at_;
      skip(behind_arguments(end));
      text_.out[begin] = kCitation;
    } else if (is_one_of(name, kArgumentsSkipped)) {
      skip(behind_arguments(end));
    } else if (name == "href") {
      skip(behind_group(end));
    } else if (name == "verb") {
      const std::size_t close = end < in_.size() ? in_.substr(0, std::min(newline_.from(end), in_.size())).find(in_[end], end + 1) : npos;
      const std::size_t begin = at_;
      skip(close == npos ? end : close + 1);
      text_.out[begin] = kOpaque;
    } else if (name == "begin" || name == "end") {
      read_environment(name == "begin", end);
    } else if (name == "item") {
      put("\n\n- ", end);
    } else if (name == "caption") {
      put("\n\n", end);
    } else {
      const std::size_t begin = at_;
      skip(end);
      // numbers.tex has a macro for each value that a record holds.
      if (name.starts_with("assay") || name.starts_with("Assay")) text_.out[begin] = kBacked;
    }
  }

  /// "\%", "\,", "\\", "\(".
  void read_escape() {
    const char c = at_ + 1 < in_.size() ? in_[at_ + 1] : ' ';
    if (c == '(' || c == '[') {
      const std::size_t close = (c == '(' ? round_end_ : square_end_).from(at_ + 2);
      if (close != npos && close - at_ <= 10'000) {
        text_.replace(at_, close + 2, plain_formula(in_.substr(at_ + 2, close - at_ - 2)));
        at_ = close + 2;
        return;
      }
    }
    text_.out[at_] = ' ';
    const bool stays = std::string_view("%$#_&").find(c) != npos;
    if (at_ + 1 < in_.size() && !stays && c != '\n') text_.out[at_ + 1] = ' ';
    at_ = std::min(at_ + 2, in_.size());
  }

  void read_environment(bool begins, std::size_t name_begin) {
    const std::size_t close = behind_group(name_begin);
    if (close < name_begin + 2) return skip(name_begin);
    const std::string_view name = in_.substr(name_begin + 1, close - name_begin - 2);
    if (begins && is_one_of(name, kSkippedEnvironments)) {
      auto [found, is_new] = environment_ends_.try_emplace(name, in_, "\\end{" + std::string(name) + "}");
      const std::size_t end = found->second.from(close);
      return put("\n\n", end == npos ? close : end);
    }
    put("\n\n", begins ? behind_arguments(close) : close);
  }

  Blanked text_;
  const std::string_view in_;
  Directives directives_;
  std::size_t at_ = 0;
  std::size_t heading_end_ = npos;  // its last brace, already replaced
  Next newline_{in_, "\n"}, next_dollar_{in_, "$"}, double_dollar_{in_, "$$"}, round_end_{in_, "\\)"}, square_end_{in_, "\\]"};
  std::map<std::string_view, Next> environment_ends_;
};

}  // namespace

Markup markup_of(std::string_view file) {
  return file.ends_with(".tex") || file.ends_with(".ltx") ? Markup::latex : Markup::markdown;
}

std::string bare_prose(std::string_view text, Markup markup) {
  return markup == Markup::latex ? Latex(text).read() : Markdown(text).read();
}

Passages::Line Passages::line_at(std::size_t at) const {
  Line line;
  line.begin = at;
  const std::size_t newline = std::min(prose_.find('\n', at), prose_.size());
  line.next = std::min(newline + 1, prose_.size());
  const std::size_t last = prose_.substr(at, newline - at).find_last_not_of(' ');
  line.end = last == npos ? at : at + last + 1;
  line.first = std::min(prose_.find_first_not_of(' ', at), line.end);
  return line;
}

namespace {

/// "|---|:-:|", of which a table has one below its first line.
bool is_delimiter_row(std::string_view line) {
  return line.find_first_not_of("|:- ") == npos && line.find('-') != npos && line.find('|') != npos;
}

bool is_rule(std::string_view line) {
  return line.size() >= 3 && line.find_first_not_of("-=*_ ") == npos;
}

/// Number of # if a heading begins.
int heading_level(std::string_view line) {
  const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
  const bool is_heading = level >= 1 && level <= 6 && (level == line.size() || line[level] == ' ');
  return is_heading ? static_cast<int>(level) : 0;
}

}  // namespace

std::optional<Passage> Passages::next_of_any() {
  const auto text_of = [&](const Line& line) { return prose_.substr(line.first, line.end - line.first); };
  const auto opens_table = [&](const Line& line) {
    return text_of(line).find('|') != npos && line.next < prose_.size() && is_delimiter_row(text_of(line_at(line.next)));
  };
  const auto is_opt_out = [&](const Line& line) {
    return line.first < line.end && text_of(line).find_first_not_of(std::string_view{"\x04 "}) == npos;
  };
  while (at_ < prose_.size()) {
    const Line line = line_at(at_);
    at_ = line.next;
    if (line.first == line.end) {
      if (in_block_) skips_block_ = false;
      continue;
    }
    if (is_opt_out(line)) {
      skips_block_ = true;
      in_block_ = false;
      continue;
    }
    in_block_ = true;
    const std::string_view text = text_of(line);
    Passage passage;
    passage.begin = line.first;
    passage.end = line.end;
    if ((passage.level = heading_level(text)) > 0) {
      passage.kind = Passage::Kind::heading;
      passage.begin += static_cast<std::size_t>(passage.level);
      return passage;
    }
    if (is_rule(text)) continue;
    if (opens_table(line)) {
      passage.kind = Passage::Kind::table;
      while (at_ < prose_.size()) {
        const Line row = line_at(at_);
        if (text_of(row).find('|') == npos) break;
        passage.end = row.end;
        at_ = row.next;
      }
      return passage;
    }
    if (const std::size_t mark = behind_list_mark(text, 0); mark > 0) {
      passage.kind = Passage::Kind::item;
      passage.begin += mark;
    }
    while (at_ < prose_.size()) {
      const Line more = line_at(at_);
      const std::string_view rest = text_of(more);
      if (rest.empty() || heading_level(rest) > 0 || behind_list_mark(rest, 0) > 0 || is_opt_out(more) || opens_table(more)) break;
      at_ = more.next;
      if (is_rule(rest)) {  // a heading that is underlined
        if (passage.kind == Passage::Kind::paragraph && rest.find_first_of("=-") != npos) {
          passage.kind = Passage::Kind::heading;
          passage.level = rest.front() == '=' ? 1 : 2;
        }
        break;
      }
      passage.end = more.end;
    }
    return passage;
  }
  return std::nullopt;
}

std::optional<Passage> Passages::next() {
  while (const auto passage = next_of_any()) {
    const bool is_out = prose_.substr(passage->begin, passage->end - passage->begin).find(kOptOut) != npos;
    if (!skips_block_ && !is_out) return passage;
  }
  return std::nullopt;
}

}  // namespace assay::reports::check
