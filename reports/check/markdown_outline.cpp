#include "reports/check/markdown_outline.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "harness/core/ascii.hpp"
#include "reports/check/heading.hpp"
#include "reports/check/markdown_inline.hpp"

namespace assay::reports::check {

namespace {

/// Columns of white space at the start; a tab goes to the next multiple of four.
int indent_of(std::string_view line) {
  int columns = 0;
  for (const char c : line) {
    if (c == ' ') {
      ++columns;
    } else if (c == '\t') {
      columns += 4 - columns % 4;
    } else {
      break;
    }
  }
  return columns;
}

/// Three or more of one of "-*_", and nothing else: a rule.
bool is_rule(std::string_view text) {
  if (text.empty() || std::string_view("-*_").find(text[0]) == std::string_view::npos) return false;
  int marks = 0;
  for (const char c : text) {
    if (c == text[0])
      ++marks;
    else if (!is_white(c))
      return false;
  }
  return marks >= 3;
}

/// How many characters of `text` are the marker of a list item with the white space behind it; 0: none.
std::size_t item_marker(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty() && std::string_view("-*+").find(text[0]) != std::string_view::npos) {
    at = 1;
  } else {
    while (at < text.size() && at < 9 && is_digit(text[at])) ++at;
    if (at == 0 || at == text.size() || (text[at] != '.' && text[at] != ')')) return 0;
    ++at;
  }
  if (at == text.size()) return at;
  if (!is_white(text[at])) return 0;
  while (at < text.size() && is_white(text[at])) ++at;
  return at;
}

/// Behind what may stand before a prompt: marks of lists, quotations, tables, check boxes and emphasis.
std::string_view without_marks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("-*+_>|[]( \t\r");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

bool is_todo(std::string_view text) {
  const std::string_view rest = without_marks(text);
  return rest.starts_with("TODO") && (rest.size() == 4 || !is_letter_or_digit(rest[4]));
}

bool holds_todo(std::string_view text) {
  const std::size_t at = text.find("TODO");
  return at != std::string_view::npos && (at == 0 || !is_letter_or_digit(text[at - 1])) &&
         (at + 4 >= text.size() || !is_letter_or_digit(text[at + 4]));
}

/// Words with a letter or digit (or one beyond ASCII) in them.
int words_in(std::string_view text) {
  int words = 0;
  bool counted = false;
  for (const char c : text) {
    if (is_white(c) || c == '|') {
      counted = false;
    } else if (!counted && (is_letter_or_digit(c) || (static_cast<unsigned char>(c) & 0x80u))) {
      counted = true;
      ++words;
    }
  }
  return words;
}

/// The whole paragraph is one emphasis, "*What is the problem?*": how templates ask.
bool is_italic(std::string_view paragraph) {
  std::string_view text = trimmed(paragraph);
  if (text.size() < 3 || (text[0] != '*' && text[0] != '_') || text[1] == text[0] || is_white(text[1]))
    return false;
  const char mark = text[0];
  if (text.back() != mark || text[text.size() - 2] == mark) return false;
  return text.substr(1, text.size() - 2).find(mark) == std::string_view::npos;
}

bool is_caption(std::string_view text) {
  const std::string key = lower_case(without_marks(text.substr(0, 64)));
  return key.starts_with("figure ") || key.starts_with("fig. ") || key.starts_with("fig ");
}

/// What a line has outside comments. Keeps whether a comment is open from one line to the next.
class Comments {
public:
  /// The visible part. `hidden_todo`: a comment on it asks for something.
  std::string visible(std::string_view line, bool& hidden_todo) {
    std::string out;
    const CodeSpans code(line);
    for (std::size_t i = 0; i < line.size();) {
      if (open_) {
        const std::size_t end = line.find("-->", i);
        hidden_todo =
            hidden_todo || holds_todo(line.substr(i, end == std::string_view::npos ? end : end - i));
        if (end == std::string_view::npos) return out;
        open_ = false;
        i = end + 3;
      } else if (line[i] == '`') {
        const std::size_t end = code.behind(i);  // comments in code are text
        out.append(line.substr(i, end - i));
        i = end;
      } else if (line.substr(i, 4) == "<!--") {
        open_ = true;
        i += 4;
      } else {
        out += line[i++];
      }
    }
    return out;
  }
  bool open() const { return open_; }

private:
  bool open_ = false;
};

class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) { outline_.sections.emplace_back(); }

  Outline outline() {
    skip_front_matter();
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      at_ = end + 1;
      ++number_;
      take(line);
    }
    flush();
    outline_.sections.back().end = outline_.lines.size();
    resolve_references();
    for (const Section& section : outline_.sections) outline_.words += section.words;
    return std::move(outline_);
  }

private:
  Section& section() { return outline_.sections.back(); }

  void skip_front_matter() {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    if (!text_.starts_with("---\n") && !text_.starts_with("---\r\n")) return;
    constexpr int kMostLines = 200;
    std::size_t at = text_.find('\n') + 1;
    for (int line = 2; line <= kMostLines && at < text_.size(); ++line) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view text = trimmed(text_.substr(at, end - at));
      at = std::min(end + 1, text_.size());
      if (text != "---" && text != "...") continue;
      at_ = at;
      number_ = line;
      return;
    }
  }

  void take(std::string_view line) {
    if (fence_length_ > 0) {
      const std::string_view text = trimmed(line);
      if (run_length(text, 0, fence_) >= fence_length_ &&
          text.find_first_not_of(fence_) == std::string_view::npos) {
        fence_length_ = 0;
      } else {
        outline_.lines.push_back({std::string(line), number_, true});
        if (!text.empty()) ++section().code_lines;
      }
      return;
    }
    if (!comments_.open() && opens_fence(trimmed(line))) {
      flush();
      return;
    }
    bool hidden_todo = false;
    const bool commented = comments_.open() || line.find("<!--") != std::string_view::npos;
    const std::string visible = comments_.visible(line, hidden_todo);
    if (hidden_todo) prompt();
    if (commented && trimmed(visible).empty()) {
      flush();
      return;
    }
    take_visible(visible);
  }

  bool opens_fence(std::string_view text) {
    if (text.empty() || (text[0] != '`' && text[0] != '~')) return false;
    const std::size_t length = run_length(text, 0, text[0]);
    if (length < 3 || (text[0] == '`' && text.find('`', length) != std::string_view::npos)) return false;
    fence_ = text[0];
    fence_length_ = length;
    return true;
  }

  void take_visible(const std::string& line) {
    const std::string_view text = trimmed(line);
    if (text.empty()) {
      flush();
      blank_ = true;
      return;
    }
    const int indent = indent_of(line);
    if (indent < 4 && (is_atx(text) || is_html_heading(text))) return;
    if (is_setext(text, indent)) return;
    if (is_rule(text)) {
      flush();
      lists_.clear();
      return;
    }
    if (const std::size_t marker = item_marker(text); marker > 0 && may_be_item(indent)) {
      flush();
      add_item(indent);
      open_paragraph(line, text.substr(marker));
      in_item_ = true;
    } else {
      if (blank_ && indent == 0) lists_.clear();
      if (definition(text)) return;
      open_paragraph(line, text);
    }
    blank_ = false;
  }

  bool is_atx(std::string_view text) {
    const std::size_t marks = run_length(text, 0, '#');
    if (marks == 0 || marks > 6 || (marks < text.size() && !is_white(text[marks]))) return false;
    std::string_view heading = trimmed(text.substr(marks));
    std::size_t end = heading.size();
    while (end > 0 && heading[end - 1] == '#') --end;
    if (end < heading.size() && (end == 0 || is_white(heading[end - 1])))
      heading = trimmed(heading.substr(0, end));
    flush();
    begin_section(static_cast<int>(marks), number_, heading);
    return true;
  }

  /// "<h1 align="center">Title</h1>", alone on its line.
  bool is_html_heading(std::string_view text) {
    if (text.size() < 9 || text[0] != '<' || (text[1] != 'h' && text[1] != 'H') || text[2] < '1' ||
        text[2] > '6')
      return false;
    const std::size_t open_end = text.find('>');
    const std::size_t close = text.rfind("</");
    if (open_end == std::string_view::npos || close == std::string_view::npos || close < open_end)
      return false;
    if (text[3] != '>' && !is_white(text[3])) return false;
    flush();
    begin_section(text[2] - '0', number_, trimmed(text.substr(open_end + 1, close - open_end - 1)));
    return true;
  }

  bool is_setext(std::string_view text, int indent) {
    if (paragraph_.empty() || in_item_ || indent > 3 || (text[0] != '=' && text[0] != '-')) return false;
    if (run_length(text, 0, text[0]) != text.size()) return false;
    if (paragraph_.find('|') != std::string::npos) return false;  // the rule of a table
    const std::string heading = std::move(paragraph_);
    const int line = paragraph_line_;
    // Its lines were taken for the body of the section before.
    while (outline_.lines.size() > section().begin && outline_.lines.back().number >= line)
      outline_.lines.pop_back();
    paragraph_.clear();
    begin_section(text[0] == '=' ? 1 : 2, line, trimmed(heading));
    return true;
  }

  void begin_section(int level, int line, std::string_view heading) {
    section().end = outline_.lines.size();
    Section next;
    next.level = level;
    next.line = line;
    next.heading = std::string(heading);
    next.key = heading_key(heading);
    next.begin = next.end = outline_.lines.size();
    outline_.sections.push_back(std::move(next));
    lists_.clear();
    blank_ = true;
    last_image_ = outline_.images.size();
  }

  struct OpenList {
    int indent;
    std::size_t section;
    std::size_t index;
  };

  /// Indented by four or more outside any list, it is code.
  bool may_be_item(int indent) const { return indent < 4 || !lists_.empty(); }

  void add_item(int indent) {
    while (!lists_.empty() && lists_.back().indent > indent) lists_.pop_back();
    if (lists_.empty() || indent > lists_.back().indent + 1) {
      section().lists.push_back({number_, 0, static_cast<int>(lists_.size()) + 1});
      lists_.push_back({indent, outline_.sections.size() - 1, section().lists.size() - 1});
    }
    ++outline_.sections[lists_.back().section].lists[lists_.back().index].items;
  }

  /// "[id]: target" says where links of that name lead.
  bool definition(std::string_view text) {
    if (text[0] != '[' || !paragraph_.empty()) return false;
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos || close == 1 || text[1] == '^') return false;
    std::string_view target = trimmed(text.substr(close + 2));
    target = target.substr(0, target.find_first_of(" \t"));
    if (target.size() > 1 && target.front() == '<' && target.back() == '>')
      target = target.substr(1, target.size() - 2);
    definitions_.emplace(lower_case(text.substr(1, close - 1)), std::string(target));
    return true;
  }

  void open_paragraph(const std::string& line, std::string_view text) {
    outline_.lines.push_back({line, number_, false});
    if (paragraph_.empty())
      paragraph_line_ = number_;
    else
      paragraph_ += '\n';
    paragraph_ += text;
  }

  void prompt() {
    if (section().prompts++ == 0) section().prompt_line = number_;
  }

  /// The paragraph is complete: its words, links and images are its section's.
  void flush() {
    in_item_ = false;
    if (paragraph_.empty()) return;
    const std::string text = std::move(paragraph_);
    paragraph_.clear();
    const int ended = std::exchange(number_, paragraph_line_);  // what is found below stands from here on
    if (is_italic(text) && !is_caption(text)) {
      prompt();
    } else {
      for (std::size_t begin = 0; begin <= text.size(); ++number_) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        if (holds_todo(line)) prompt();
        if (!is_todo(line)) section().words += words_in(line);
        begin = end + 1;
      }
      number_ = paragraph_line_;
      note_bold(text);
      take_inline(text);
    }
    number_ = ended;
    if (is_caption(text) && !outline_.images.empty() && outline_.images.size() > last_image_)
      outline_.images.back().captioned = true;
  }

  void note_bold(const std::string& text) {
    const std::string_view line = trimmed(text);
    const bool bold =
        line.size() > 4 && line.size() < 100 && (line.starts_with("**") || line.starts_with("__")) &&
        (line.ends_with("**") || line.ends_with("__") || line.ends_with("**:") || line.ends_with("__:"));
    if (bold && line.find('\n') == std::string_view::npos)
      outline_.bold_lines.emplace_back(std::string(line), number_);
  }

  void take_inline(const std::string& paragraph) {
    InlineParts parts = inline_parts(paragraph, number_);
    section().images += static_cast<int>(parts.images.size());
    for (InlineImage& image : parts.images) {
      if (!image.reference.empty()) pending_.push_back({true, outline_.images.size(), lower_case(image.reference)});
      const bool captioned = words_in(image.alt) > 0;
      outline_.images.push_back({std::move(image.alt), std::move(image.target), image.line, captioned});
    }
    for (InlineLink& link : parts.links) {
      if (!link.reference.empty()) pending_.push_back({false, outline_.links.size(), lower_case(link.reference)});
      outline_.links.push_back({std::move(link.target), link.line});
    }
    outline_.citations.insert(outline_.citations.end(), parts.citations.begin(), parts.citations.end());
  }

  /// What stands in brackets may be defined below its use.
  void resolve_references() {
    for (const Pending& one : pending_) {
      const auto found = definitions_.find(one.reference);
      if (found == definitions_.end()) continue;
      (one.image ? outline_.images[one.index].target : outline_.links[one.index].target) = found->second;
    }
    std::erase_if(outline_.links, [](const OutlineLink& link) { return link.target.empty(); });
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int number_ = 0;  // of the line that was taken last
  Outline outline_;
  Comments comments_;
  char fence_ = '`';
  std::size_t fence_length_ = 0;  // 0: outside code
  std::string paragraph_;
  int paragraph_line_ = 0;
  bool in_item_ = false;
  bool blank_ = true;           // the line before was
  std::size_t last_image_ = 0;  // images from here on are of this section
  std::vector<OpenList> lists_;
  std::unordered_map<std::string, std::string> definitions_;
  struct Pending {
    bool image;
    std::size_t index;
    std::string reference;
  };
  std::vector<Pending> pending_;
};

}  // namespace

const Section* Outline::find(std::string_view asked) const {
  const AskedHeading wanted(asked);
  for (const Section& section : sections) {
    if (section.level > 0 && wanted.is(section.key)) return &section;
  }
  for (const Section& section : sections) {
    if (section.level > 0 && wanted.begins(section.key)) return &section;
  }
  return nullptr;
}

namespace {

/// Calls `use` with the section and those below it until it says true.
template <class Use>
void below(const std::vector<Section>& sections, const Section& section, const Use& use) {
  const auto first = static_cast<std::size_t>(&section - sections.data());
  for (std::size_t i = first; i < sections.size() && (i == first || sections[i].level > section.level); ++i) {
    if (use(sections[i])) return;
  }
}

}  // namespace

bool Outline::written(const Section& section) const {
  bool found = false;
  below(sections, section, [&](const Section& s) { return found = s.written(); });
  return found;
}

int Outline::prompt_line(const Section& section) const {
  int line = 0;
  below(sections, section, [&](const Section& s) { return (line = s.prompt_line) > 0; });
  return line;
}

Outline outline_of(std::string_view markdown) {
  return Scanner(markdown).outline();
}

}  // namespace assay::reports::check
