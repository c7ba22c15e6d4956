#include "reports/latex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

/// One character of UTF-8, which `at` then stands behind; U+FFFD for a byte that begins none.
char32_t next_character(const std::string& text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first > 0xf4 || at + length > text.size()) {
    ++at;
    return 0xfffd;
  }
  char32_t c = length == 1 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      ++at;
      return 0xfffd;
    }
    c = (c << 6) | (byte(at + i) & 0x3fU);
  }
  at += length;
  return c;
}

/// Spaces of any width; those that divide lines too.
bool is_space(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || c == ' ' || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/// Nothing to be seen, or what turns the reading direction.
bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

struct Macro {
  char32_t character;
  std::string_view text;
};

/// What LaTeX reads as markup or sets as something else, and what it knows by a name of its own.
constexpr Macro kMacros[] = {
    {'\\', "\\textbackslash{}"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'$', "\\$"},
    {'&', "\\&"},
    {'#', "\\#"},
    {'%', "\\%"},
    {'_', "\\_"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'<', "\\ensuremath{<}"},
    {'>', "\\ensuremath{>}"},
    {'|', "\\ensuremath{|}"},
    {'"', "\\char34{}"},  // a shorthand in some languages
    {'`', "\\textasciigrave{}"},
    {'[', "{[}"},  // after \\ a bracket or a star would be read as its argument
    {']', "{]}"},
    {'*', "{*}"},
    {0xa0, "~"},
    {0xa3, "\\pounds{}"},
    {0xa7, "\\S{}"},
    {0xa9, "\\textcopyright{}"},
    {0xac, "\\ensuremath{\\neg}"},
    {0xae, "\\textregistered{}"},
    {0xb0, "\\textdegree{}"},
    {0xb1, "\\ensuremath{\\pm}"},
    {0xb2, "\\textsuperscript{2}"},
    {0xb3, "\\textsuperscript{3}"},
    {0xb5, "\\textmu{}"},
    {0xb7, "\\textperiodcentered{}"},
    {0xb9, "\\textsuperscript{1}"},
    {0xd7, "\\ensuremath{\\times}"},
    {0xf7, "\\ensuremath{\\div}"},
    {0x3bc, "\\ensuremath{\\mu}"},
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2013, "\\textendash{}"},
    {0x2014, "\\textemdash{}"},
    {0x2018, "\\textquoteleft{}"},
    {0x2019, "\\textquoteright{}"},
    {0x201c, "\\textquotedblleft{}"},
    {0x201d, "\\textquotedblright{}"},
    {0x2020, "\\textdagger{}"},
    {0x2022, "\\textbullet{}"},
    {0x2026, "\\dots{}"},
    {0x20ac, "\\texteuro{}"},
    {0x2122, "\\texttrademark{}"},
    {0x2190, "\\ensuremath{\\leftarrow}"},
    {0x2192, "\\ensuremath{\\rightarrow}"},
    {0x2206, "\\ensuremath{\\Delta}"},
    {0x2208, "\\ensuremath{\\in}"},
    {0x2211, "\\ensuremath{\\sum}"},
    {0x2212, "\\ensuremath{-}"},
    {0x221a, "\\ensuremath{\\surd}"},
    {0x221e, "\\ensuremath{\\infty}"},
    {0x2248, "\\ensuremath{\\approx}"},
    {0x2260, "\\ensuremath{\\neq}"},
    {0x2264, "\\ensuremath{\\leq}"},
    {0x2265, "\\ensuremath{\\geq}"},
    // The letters of footnotes.
    {0x1d43, "\\textsuperscript{a}"},
    {0x1d47, "\\textsuperscript{b}"},
    {0x1d9c, "\\textsuperscript{c}"},
    {0x1d48, "\\textsuperscript{d}"},
    {0x1d49, "\\textsuperscript{e}"},
    {0x1da0, "\\textsuperscript{f}"},
    {0x1d4d, "\\textsuperscript{g}"},
    {0x2b0, "\\textsuperscript{h}"},
    {0x2071, "\\textsuperscript{i}"},
    {0x2b2, "\\textsuperscript{j}"},
    {0x1d4f, "\\textsuperscript{k}"},
    {0x2e1, "\\textsuperscript{l}"},
    {0x1d50, "\\textsuperscript{m}"},
    {0x207f, "\\textsuperscript{n}"},
    {0x1d52, "\\textsuperscript{o}"},
    {0x1d56, "\\textsuperscript{p}"},
};

/// Lower-case Greek as mathematics has it; empty where it has none.
std::string_view greek(char32_t c) {
  static constexpr std::string_view kNames[] = {
      "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta", "eta",  "theta", "iota",
      "kappa", "lambda", "mu",      "nu",    "xi",      "",     "pi",   "rho",   "",
      "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",  "omega"};
  return c >= 0x3b1 && c <= 0x3c9 ? kNames[c - 0x3b1] : std::string_view();
}

/// Accented Latin letters that OT1 can compose: of Latin-1 all but eth and thorn, of Latin Extended-A what
/// follows.
bool is_composed(char32_t c) {
  if (c >= 0xc0 && c <= 0xff) return c != 0xd0 && c != 0xde && c != 0xf0 && c != 0xfe;
  static constexpr std::u32string_view kMore =
      U"ĀāĂăĆćĈĉĊċČčĎďĒēĔĕĖėĚěĜĝĞğĠġĤĥĨĩĪīĬĭİıĴĵĹĺŁłŃńŇňŌōŎŏŐőŒœŔŕŘřŚśŜŝŞşŠšŤťŨũŪūŬŭŮůŰűŴŵŶŷŸŹźŻżŽž";
  return kMore.find(c) != std::u32string_view::npos;
}

std::string utf8(char32_t c) {
  std::string out;
  out += static_cast<char>(0xc0 | (c >> 6));  // of what is_composed, which has two bytes
  out += static_cast<char>(0x80 | (c & 0x3f));
  return out;
}

/// Words of `text` in lines of at most `width` characters.
std::vector<std::string> lines_of(const std::string& text, int width) {
  std::vector<std::string> lines(1);
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (!lines.back().empty() && display_width(lines.back()) + 1 + display_width(word) > width) {
      lines.push_back(word);
    } else {
      if (!lines.back().empty()) lines.back() += ' ';
      lines.back() += word;
    }
    start = end + 1;
  }
  return lines;
}

constexpr int kWidestText = 30;     // characters of a column of words; what is longer is set in lines
constexpr int kColumnOfAPage = 62;  // characters that fit one of two columns, in footnote size
constexpr int kPage = 125;          // and a page, without being shrunk until nobody can read it
constexpr int kImportant = 4;       // intervals from here on stay whatever the width

class LatexTable {
public:
  LatexTable(const TextTable& table, const std::string& label) : table_(table), label_(label) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      Column column;
      for (const auto& row : table.rows) {
        column.value = std::max(column.value, display_width(row[c].text) + display_width(row[c].mark));
        column.interval = std::max(column.interval, display_width(row[c].interval));
      }
      column.wrapped = !table.columns[c].right_aligned && column.value > kWidestText;
      if (column.wrapped) column.value = kWidestText;
      int longest_word = 0;
      for (const std::string& word : lines_of(table.columns[c].title, 1))
        longest_word = std::max(longest_word, display_width(word));
      column.title = std::max(longest_word, column.value);
      columns_.push_back(column);
    }
    while (width() > kPage && hide_an_interval()) {
    }
  }

  std::string text() const {
    const std::string environment = width() > kColumnOfAPage ? "table*" : "table";
    const std::string title = latex_escaped(table_.title);
    std::string out =
        "% Made by Assay from a run's record. It needs \\usepackage{booktabs,graphicx,xcolor,textcomp}.\n";
    out += fmt::format("\\begin{{{}}}\n\\centering\n\\footnotesize\n", environment);
    std::string caption = title + ".";
    for (const std::string& more : {table_.caption, table_.bold_note}) {
      if (!more.empty()) caption.append(" ").append(latex_escaped(more));
    }
    out += fmt::format("\\caption[{}]{{{}}}\n", title, caption);
    out += fmt::format("\\label{{{}}}\n", label_);
    // No wider than the line, and otherwise as wide as it is.
    out += "\\par\\smallskip\n\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n";
    out +=
        fmt::format("\\begin{{tabular}}{{@{{}}{}@{{}}}}\n\\toprule\n{} \\\\\n\\midrule\n", kinds(), heads());
    for (std::size_t r = 0; r < table_.rows.size(); ++r) {
      const auto& starts = table_.block_starts;
      if (std::find(starts.begin(), starts.end(), r) != starts.end()) out += "\\addlinespace\n";
      out += line(table_.rows[r]) + " \\\\\n";
    }
    out += "\\bottomrule\n\\end{tabular}}\n";
    return out + below() + fmt::format("\\end{{{}}}\n", environment);
  }

private:
  struct Column {
    int title = 0;  // its longest word, and at least the values, in characters
    int value = 0;  // with its mark
    int interval = 0;
    bool wrapped = false;
  };

  int width() const {
    int sum = 0;
    for (const Column& c : columns_) sum += 2 + std::max(c.title, c.value + c.interval);
    return sum;
  }

  bool hide_an_interval() {
    std::size_t least = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const int importance = table_.columns[c].interval_importance;
      if (columns_[c].interval == 0 || importance >= kImportant) continue;
      if (least == columns_.size() || importance < table_.columns[least].interval_importance) least = c;
    }
    if (least == columns_.size()) return false;
    columns_[least].interval = 0;
    hidden_.push_back(table_.columns[least].title);
    return true;
  }

  /// A column with intervals is two: both line up.
  std::string kinds() const {
    std::string all;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      all += table_.columns[c].right_aligned ? "r" : "l";
      if (columns_[c].interval > 0) all += "@{\\hspace{0.4em}}l";
    }
    return all;
  }

  std::string heads() const {
    std::string all;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const bool right = table_.columns[c].right_aligned;
      const auto lines = lines_of(table_.columns[c].title,
                                  std::max(columns_[c].title, columns_[c].value + columns_[c].interval));
      std::string title;
      for (const std::string& line : lines)
        title += fmt::format("{}{}", title.empty() ? "" : "\\\\", latex_escaped(line));
      if (lines.size() > 1) {
        const char* kind = columns_[c].interval > 0 ? "c" : right ? "r" : "l";
        title = fmt::format("\\begin{{tabular}}[b]{{@{{}}{}@{{}}}}{}\\end{{tabular}}", kind, title);
      }
      if (columns_[c].interval > 0) title = fmt::format("\\multicolumn{{2}}{{c}}{{{}}}", title);
      all += fmt::format("{}{}", c > 0 ? " & " : "", title);
    }
    return all;
  }

  std::string line(const std::vector<TextCell>& row) const {
    std::string all;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const TextCell& cell = row[c];
      std::string text = latex_escaped(cell.text);
      if (cell.bold) text = fmt::format("\\textbf{{{}}}", text);
      if (!cell.mark.empty()) text += mark(cell.mark);
      if (columns_[c].wrapped && display_width(cell.text) > kWidestText)
        text = fmt::format("\\parbox[t]{{{}em}}{{\\raggedright\\strut {}\\strut}}", kWidestText / 2, text);
      all += fmt::format("{}{}", c > 0 ? " & " : "", text);
      if (columns_[c].interval == 0) continue;
      all += cell.interval.empty()
                 ? " &"
                 : fmt::format(" & {{\\scriptsize\\textcolor{{gray}}{{{}}}}}", latex_escaped(cell.interval));
    }
    return all;
  }

  /// "+ᵃ": what isn't raised already is.
  static std::string mark(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      next_character(text, at);
      const std::string one = latex_escaped(text.substr(begin, at - begin));
      out += one.starts_with("\\textsuperscript") ? one : fmt::format("\\textsuperscript{{{}}}", one);
    }
    return out;
  }

  std::string below() const {
    std::vector<std::string> lines = table_.footnotes;
    if (!hidden_.empty())
      lines.push_back(fmt::format("Left out for want of room: the intervals of {}; the report has them.",
                                  fmt::join(hidden_, "; ")));
    if (!table_.status.empty()) lines.push_back(table_.status);
    if (lines.empty()) return "";
    std::string text;
    for (const std::string& line : lines) text += latex_escaped(line) + "\\par\n";
    return fmt::format(
        "\\par\\smallskip\\begin{{minipage}}{{\\linewidth}}\\scriptsize\\raggedright\n{}\\end{{minipage}}\n",
        text);
  }

  const TextTable& table_;
  const std::string& label_;
  std::vector<Column> columns_;
  std::vector<std::string> hidden_;  // titles of columns whose intervals are left out
};

}  // namespace

std::string latex_escaped(const std::string& text) {
  std::string out;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (is_space(c)) {
      out += ' ';
      before = ' ';
      continue;
    }
    if (is_invisible(c)) continue;
    const auto macro = std::find_if(std::begin(kMacros), std::end(kMacros),
                                    [c](const Macro& m) { return m.character == c; });
    if (macro != std::end(kMacros)) {
      out += macro->text;
    } else if (c < 0x80) {
      const bool joins = c == before && (c == '-' || c == '\'' || c == ',');  // a dash or a quotation mark
      if (joins) out += "{}";
      out += static_cast<char>(c);
    } else if (const std::string_view name = greek(c); !name.empty()) {
      out += fmt::format("\\ensuremath{{\\{}}}", name);
    } else if (is_composed(c)) {
      out += utf8(c);
    } else {
      out += fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
    }
    before = c;
  }
  return out;
}

std::string latex_table(const TextTable& table, const std::string& label) {
  return LatexTable(table, label).text();
}

}  // namespace assay::reports
