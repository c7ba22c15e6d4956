#include <map>

#include "reports/check/blanked.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

// Environments of LaTeX that hold no prose.
constexpr std::string_view kSkippedEnvironments[] = {
    "algorithm", "algorithmic", "align",           "align*",      "comment",  "displaymath", "equation",
    "equation*", "eqnarray",    "filecontents",    "gather",      "gather*",  "lstlisting",  "math",
    "minted",    "multline",    "thebibliography", "tikzpicture", "verbatim", "Verbatim"};

constexpr std::string_view kTables[] = {"tabular", "tabular*", "tabularx", "tabulary", "longtable", "tblr"};

// Commands of LaTeX whose arguments are no prose.
constexpr std::string_view kArgumentsSkipped[] = {"addbibresource",
                                                  "autoref",
                                                  "author",
                                                  "bibliography",
                                                  "bibliographystyle",
                                                  "cmidrule",
                                                  "color",
                                                  "cref",
                                                  "Cref",
                                                  "date",
                                                  "DeclareMathOperator",
                                                  "def",
                                                  "definecolor",
                                                  "documentclass",
                                                  "eqref",
                                                  "fontsize",
                                                  "geometry",
                                                  "graphicspath",
                                                  "hypersetup",
                                                  "hspace",
                                                  "include",
                                                  "includegraphics",
                                                  "input",
                                                  "label",
                                                  "lstset",
                                                  "newcommand",
                                                  "pageref",
                                                  "pagestyle",
                                                  "providecommand",
                                                  "ref",
                                                  "renewcommand",
                                                  "rule",
                                                  "setcounter",
                                                  "setlength",
                                                  "sisetup",
                                                  "url",
                                                  "usepackage",
                                                  "vref",
                                                  "vspace"};

constexpr std::string_view kCiting[] = {"cite",     "citep",    "citet",    "citeauthor",
                                        "citeyear", "citealp",  "nocite",   "parencite",
                                        "textcite", "footcite", "autocite", "supercite"};

// Units of siunitx. A prefix touches the unit behind it, a unit what stands before it.
struct UnitName {
  std::string_view command, plain;
  bool is_prefix = false;
};
constexpr UnitName kUnitNames[] = {
    {"nano", "n", true},     {"micro", "µ", true},   {"milli", "m", true}, {"kilo", "k", true},
    {"mega", "M", true},     {"giga", "G", true},    {"tera", "T", true},  {"kibi", "Ki", true},
    {"mebi", "Mi", true},    {"gibi", "Gi", true},   {"second", "s"},      {"minute", "min"},
    {"hour", "h"},           {"byte", "B"},          {"bit", "bit"},       {"watt", "W"},
    {"joule", "J"},          {"hertz", "Hz"},        {"percent", "%"},     {"decibel", "dB"},
    {"degreeCelsius", "°C"}, {"celsius", "°C"},      {"volt", "V"},        {"ampere", "A"},
    {"per", "/", true},      {"textmu", "µ", true},  {"texttimes", "×"},   {"textdegree", "°", true},
    {"textpm", "±"},         {"texteuro", "€", true}};

struct Heading {
  std::string_view command, mark;
};
constexpr Heading kHeadings[] = {
    {"title", "\n# "},         {"chapter", "\n# "},          {"section", "\n## "},
    {"subsection", "\n### "},  {"subsubsection", "\n#### "}, {"paragraph", "\n\n**"},
    {"subparagraph", "\n\n**"}};

template <typename Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class Latex {
public:
  explicit Latex(std::string_view text) : text_(text), in_(text_.in), directives_(text_) {}

  std::string read() {
    skip_preamble();
    while (at_ < in_.size()) {
      switch (in_[at_]) {
        case '%':
          read_comment();
          break;
        case '\\':
          read_command();
          break;
        case '$':
          read_formula(in_.substr(at_).starts_with("$$") ? 2 : 1);
          break;
        case '}':
          if (at_ != heading_end_) text_.out[at_] = ' ';
          ++at_;
          break;
        case '&':
          text_.out[at_++] = in_table_ ? '|' : ' ';
          break;
        case '{':
        case '~':
          text_.out[at_++] = ' ';
          break;
        default:
          ++at_;
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
    if (close == npos || close - at_ > kLongestFormula) {
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
    if (mark.size() <= end - begin)
      std::copy(mark.begin(), mark.end(), text_.out.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  void read_command() {
    std::size_t end = at_ + 1;
    while (end < in_.size() && is_letter(in_[end])) ++end;
    const std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
    if (name.empty()) return read_escape();
    if (end < in_.size() && in_[end] == '*') ++end;
    const auto heading = std::find_if(std::begin(kHeadings), std::end(kHeadings),
                                      [&](const Heading& h) { return h.command == name; });
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
      const std::size_t close =
          end < in_.size() ? in_.substr(0, std::min(newline_.from(end), in_.size())).find(in_[end], end + 1)
                           : npos;
      const std::size_t begin = at_;
      skip(close == npos ? end : close + 1);
      text_.out[begin] = kOpaque;
    } else if (name == "begin" || name == "end") {
      read_environment(name == "begin", end);
    } else if (name == "item") {
      put("\n\n- ", end);
    } else if (name == "caption") {
      put("\n\n", end);
    } else if (const auto unit = std::find_if(std::begin(kUnitNames), std::end(kUnitNames),
                                              [&](const UnitName& u) { return u.command == name; });
               unit != std::end(kUnitNames)) {
      if (unit->is_prefix && end < in_.size() && in_[end] == ' ') ++end;
      const std::size_t begin = unit->is_prefix ? end - unit->plain.size() : at_;
      skip(end);
      std::copy(unit->plain.begin(), unit->plain.end(),
                text_.out.begin() + static_cast<std::ptrdiff_t>(begin));
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
      if (close != npos && close - at_ <= kLongestFormula) {
        text_.replace(at_, close + 2, plain_formula(in_.substr(at_ + 2, close - at_ - 2)));
        at_ = close + 2;
        return;
      }
    }
    if (c == '\\' && in_table_) {  // a row ends
      text_.out[at_] = ' ';
      text_.out[at_ + 1] = '\n';
      at_ += 2;
      return;
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
    if (is_one_of(name, kTables)) {
      in_table_ = begins;
      constexpr char kBegin[] = {'\n', '\n', kTable, '\n', '\0'}, kEnd[] = {'\n', kTableEnd, '\n', '\0'};
      return put(begins ? kBegin : kEnd, begins ? behind_arguments(close) : close);
    }
    put("\n\n", begins ? behind_arguments(close) : close);
  }

  Blanked text_;
  const std::string_view in_;
  Directives directives_;
  std::size_t at_ = 0;
  std::size_t heading_end_ = npos;  // its last brace, already replaced
  bool in_table_ = false;
  Next newline_{in_, "\n"}, next_dollar_{in_, "$"}, double_dollar_{in_, "$$"}, round_end_{in_, "\\)"},
      square_end_{in_, "\\]"};
  std::map<std::string_view, Next> environment_ends_;
};

}  // namespace

std::string blank_latex(std::string_view text) {
  return Latex(text).read();
}

}  // namespace assay::reports::check
