#include "reports/blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/core/ascii.hpp"
#include "harness/core/hash.hpp"
#include "reports/fence.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kOpens = "<!--", kCloses = "-->", kName = "assay:";
constexpr std::size_t kDeepestIndent = 3;  // more, and Markdown shows the line as code
constexpr std::size_t kHashDigits = 8;
constexpr std::size_t kMostNumberDigits = 3;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

/// A marker's words, "begin table", and where it stands in its line.
struct Marker {
  std::vector<std::string> words;
  std::size_t begin = 0, end = 0;
};

/// Said to a checker of prose, not to us: <!-- assay:not-a-result -->.
constexpr std::string_view kOptOut = "not-a-result";
constexpr std::string_view kValue = "value";

/// Nothing for a line that isn't one; an Error for one that begins like a marker and goes on otherwise.
Result<std::optional<Marker>> marker_in(std::string_view line, Syntax syntax) {
  Marker marker;
  if (syntax == Syntax::tex) {
    marker.begin = std::min(line.find_first_not_of(" \t"), line.size());
    const std::size_t name = std::min(line.find_first_not_of(" \t%", marker.begin), line.size());
    if (marker.begin == line.size() || line[marker.begin] != '%' || !line.substr(name).starts_with(kName)) return std::optional<Marker>();
    marker.words = words_of(line.substr(name + kName.size()));
    if (!marker.words.empty() && marker.words.front() == kOptOut) return std::optional<Marker>();
    marker.end = line.find_last_not_of(" \t\r") + 1;
    return std::optional(std::move(marker));
  }
  marker.begin = indent_of(line);
  if (marker.begin > kDeepestIndent || !line.substr(marker.begin).starts_with(kOpens))
    return std::optional<Marker>();
  const std::size_t name = std::min(line.find_first_not_of(" \t", marker.begin + kOpens.size()), line.size());
  if (!line.substr(name).starts_with(kName)) return std::optional<Marker>();
  const std::size_t inside = name + kName.size();
  const std::size_t close = line.find(kCloses, inside);
  const auto first = words_of(line.substr(inside, std::min(close, line.size()) - inside));
  if (!first.empty() && (first.front() == kOptOut || first.front() == kValue)) return std::optional<Marker>();
  if (first.size() > 1 && first[0] == "end" && first[1] == kValue) return std::optional<Marker>();
  if (close == std::string_view::npos || !is_blank(line.substr(close + kCloses.size())))
    return Error{"a marker stands alone on its line and ends there with -->"};
  marker.words = words_of(line.substr(inside, close - inside));
  marker.end = close + kCloses.size();
  return std::optional(std::move(marker));
}

std::string kinds_listed() {
  std::vector<std::string_view> names;
  for (const BlockKind& kind : kBlockKinds) names.push_back(kind.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const BlockKind* find_kind(std::string_view name) {
  const auto found = std::find_if(std::begin(kBlockKinds), std::end(kBlockKinds),
                                  [&](const BlockKind& kind) { return kind.name == name; });
  return found == std::end(kBlockKinds) ? nullptr : found;
}

/// A figure's file goes into a link and is overwritten: it stays below the document and needs no escape.
bool is_figure_file(std::string_view file, Syntax syntax) {
  const bool plain = std::all_of(file.begin(), file.end(), [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("._-/").find(c) != std::string_view::npos;
  });
  return plain && file.ends_with(syntax == Syntax::tex ? ".pdf" : ".svg") && !file.starts_with("/") &&
         fmt::format("/{}/", file).find("/../") == std::string::npos;
}

/// Of which a report has several.
bool is_numbered(const BlockKind& kind) {
  return kind.name == "table" || kind.name == "figure";
}

/// What follows `begin KIND`.
Result<Done> read_rest(const std::vector<std::string>& words, Syntax syntax, Block& block) {
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (i == 2 && is_numbered(*block.kind) && is_digits(word) && word.size() <= kMostNumberDigits) {
      std::from_chars(word.data(), word.data() + word.size(), block.number);
    } else if (constexpr std::string_view kFigureName = "name="; block.kind->name == "figure" && word.starts_with(kFigureName)) {
      block.name = word.substr(kFigureName.size());
    } else if (word.find('=') != std::string::npos) {
      constexpr std::string_view kFile = "file=";
      const bool shows_figure = block.kind->name == "figure" || block.kind->name == "report";
      if (!shows_figure || !word.starts_with(kFile))
        return Error{fmt::format("no option '{}' of {}; figure and report have file=PATH.svg, figure has name=NAME", word,
                                 block.kind->name)};
      block.file = word.substr(kFile.size());
      if (!is_figure_file(block.file, syntax))
        return Error{fmt::format(
            "'{}' can't hold a figure; it takes a path below this file's folder, of letters, digits and "
            "._-/, that ends in {}",
            block.file, syntax == Syntax::tex ? ".pdf" : ".svg")};
    } else if (block.run.empty()) {
      block.run = word;
    } else {
      return Error{fmt::format("'{}' is one word too many: {} takes {}one experiment or run", word,
                               block.kind->name, is_numbered(*block.kind) ? "a number and " : "")};
    }
  }
  return Done{};
}

Result<Block> read_begin(const std::vector<std::string>& words, Syntax syntax) {
  Block block;
  block.kind = words.size() > 1 ? find_kind(words[1]) : nullptr;
  if (!block.kind)
    return Error{
        fmt::format("no kind of block '{}'; there are {}", words.size() > 1 ? words[1] : "", kinds_listed())};
  if (const auto rest = read_rest(words, syntax, block); !rest) return rest.error();
  return block;
}

/// Puts the end marker's hash into the block that it ends.
Result<Done> read_end(const std::vector<std::string>& words, Block& block) {
  const bool has_hash = words.size() == 3 && words[2].size() == kHashDigits &&
                        words[2].find_first_not_of("0123456789abcdef") == std::string::npos;
  if (words.size() < 2 || words[1] != block.kind->name || (words.size() > 2 && !has_hash))
    return Error{fmt::format("this doesn't end the block of line {}; it would be <!-- assay: end {} -->",
                             block.line, block.kind->name)};
  if (has_hash) block.hash = words[2];
  return Done{};
}

/// Behind a code span that begins at `at`, or behind its backticks where it doesn't close on this line (CommonMark 6.1).
std::size_t behind_code(std::string_view line, std::size_t at) {
  const std::size_t end = std::min(line.find_first_not_of('`', at), line.size());
  const std::size_t length = end - at;
  for (std::size_t from = end; (from = line.find('`', from)) != std::string_view::npos;) {
    const std::size_t stop = std::min(line.find_first_not_of('`', from), line.size());
    if (stop - from == length) return stop;
    from = stop;
  }
  return end;
}

/// A comment of ours inside a line: where it ends, and its words; nothing where `at` begins another one.
struct Comment {
  std::size_t end = 0;
  std::vector<std::string> words;
};
std::optional<Comment> comment_at(std::string_view line, std::size_t at) {
  const std::size_t name = std::min(line.find_first_not_of(" \t", at + kOpens.size()), line.size());
  if (!line.substr(name).starts_with(kName)) return std::nullopt;
  const std::size_t close = line.find(kCloses, name);
  if (close == std::string_view::npos) return std::nullopt;
  return Comment{close + kCloses.size(), key_words(line.substr(name + kName.size(), close - name - kName.size()))};
}

Result<Block> read_value(const std::vector<std::string>& words) {
  Block block;
  block.kind = &kValueKind;
  std::size_t at = 1;
  if (words.size() > 1 && !is_value_word(words[1])) block.run = words[at++];
  for (; at < words.size(); ++at) {
    if (words[at] == "as=value") {
      block.form = ValueForm::value;
    } else if (words[at] == "as=interval") {
      block.form = ValueForm::interval;
    } else {
      block.key.push_back(words[at]);
    }
  }
  if (block.key.empty())
    return Error{"a value names what it shows, as in <!-- assay: value speedup latency_s precision=int8 --><!-- assay: end value -->"};
  return block;
}

/// The values of one line, whose first byte is at `offset` in the text.
Result<Done> find_values(std::string_view line, std::size_t offset, int number, std::vector<Block>& blocks) {
  std::optional<Block> open;
  for (std::size_t at = 0; (at = line.find_first_of("`<", at)) != std::string_view::npos;) {
    if (line[at] == '`' && !open) {
      at = behind_code(line, at);
      continue;
    }
    const auto comment = line.substr(at).starts_with(kOpens) ? comment_at(line, at) : std::nullopt;
    if (!comment) {
      ++at;
      continue;
    }
    const auto& words = comment->words;
    if (!words.empty() && words.front() == kValue) {
      if (open) return Error{"a value can't begin inside another one"};
      auto block = read_value(words);
      if (!block) return block.error();
      open = *std::move(block);
      open->line = number;
      open->begin = offset + at;
      open->content_begin = offset + comment->end;
    } else if (words.size() > 1 && words[0] == "end" && words[1] == kValue) {
      if (!open) return Error{"a value ends here and has not begun on this line"};
      if (const auto ended = read_end(words, *open); !ended) return ended.error();
      open->content_end = open->mark_begin = offset + at;
      open->mark_end = offset + comment->end;
      blocks.push_back(*std::move(open));
      open.reset();
    }
    at = comment->end;
  }
  if (open) return Error{"this value doesn't end on its line; <!-- assay: end value --> ends it"};
  return Done{};
}

/// Where LaTeX shows its text as it is.
class Verbatim {
public:
  bool covers(std::string_view line) {
    for (const std::string_view environment : {"verbatim", "lstlisting", "minted"}) {
      if (environment_.empty() && line.find(fmt::format("\\begin{{{}}}", environment)) != std::string_view::npos) {
        environment_ = environment;
        return true;
      }
    }
    if (environment_.empty()) return false;
    if (line.find(fmt::format("\\end{{{}}}", environment_)) != std::string_view::npos) environment_ = {};
    return true;
  }

private:
  std::string_view environment_;
};

}  // namespace

Syntax syntax_of(std::string_view file_name) {
  return file_name.ends_with(".tex") ? Syntax::tex : Syntax::markdown;
}

std::string end_marker(const Block& block, const std::string& hash, Syntax syntax) {
  return syntax == Syntax::tex ? fmt::format("% assay: end {} {}", block.kind->name, hash)
                               : fmt::format("<!-- assay: end {} {} -->", block.kind->name, hash);
}

std::string Block::described() const {
  if (is_value()) return fmt::format("value {}{}", fmt::join(key, " "), run.empty() ? "" : " of " + run);
  std::string text(kind->name);
  if (!name.empty()) text += fmt::format(" {}", name);
  if (kind->name == "table" || number > 1) text += fmt::format(" {}", number);
  return run.empty() ? text : text + " of " + run;
}

Result<std::vector<Block>> find_blocks(std::string_view text, std::string_view name, Syntax syntax) {
  std::vector<Block> blocks;
  std::optional<Block> open;
  Fence fence;
  Verbatim verbatim;
  int number = 0;
  const auto wrong = [&](int line, std::string_view what) {
    return Error{fmt::format("{}:{}: {}", name, line, what)};
  };
  for (std::size_t begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0, next;
       begin < text.size(); begin = next) {
    const std::size_t newline = text.find('\n', begin);
    next = newline == std::string_view::npos ? text.size() : newline + 1;
    ++number;
    std::string_view line = text.substr(begin, std::min(newline, text.size()) - begin);
    const bool crlf = line.ends_with('\r');
    if (crlf) line.remove_suffix(1);
    if (syntax == Syntax::tex ? verbatim.covers(line) : fence.covers(line)) continue;
    const auto marker = marker_in(line, syntax);
    if (!marker) return wrong(number, marker.error().message);
    if (!*marker) {
      const bool is_code = indent_of(line) > kDeepestIndent && line.substr(indent_of(line)).starts_with(kOpens);
      if (open || syntax == Syntax::tex || is_code) continue;
      if (const auto found = find_values(line, begin, number, blocks); !found) return wrong(number, found.error().message);
      continue;
    }
    const std::vector<std::string>& words = (*marker)->words;
    const std::string_view verb = words.empty() ? std::string_view() : words.front();
    if (verb == "begin") {
      if (open) return wrong(number, fmt::format("a block can't begin inside that of line {}", open->line));
      auto block = read_begin(words, syntax);
      if (!block) return wrong(number, block.error().message);
      open = *std::move(block);
      open->line = number;
      open->begin = begin + (*marker)->begin;
      open->content_begin = next;
      open->crlf = crlf;
    } else if (verb == "end") {
      if (!open) return wrong(number, "this block ends and has not begun");
      if (const auto ended = read_end(words, *open); !ended) return wrong(number, ended.error().message);
      open->content_end = begin;
      open->mark_begin = begin + (*marker)->begin;
      open->mark_end = begin + (*marker)->end;
      blocks.push_back(*std::move(open));
      open.reset();
    } else {
      return wrong(number, fmt::format("no marker '{}'; there are begin and end, and value in a sentence", verb));
    }
  }
  if (open)
    return wrong(open->line, fmt::format("this block doesn't end; a line with {} ends it",
                                         syntax == Syntax::tex ? fmt::format("% assay: end {}", open->kind->name)
                                                               : fmt::format("<!-- assay: end {} -->", open->kind->name)));
  return blocks;
}

std::string content_hash(std::string_view content) {
  std::string lines;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] != '\r' || i + 1 == content.size() || content[i + 1] != '\n') lines += content[i];
  }
  return sha256_hex(lines).substr(0, kHashDigits);
}

std::string markers_to_paste(std::string_view run, Syntax syntax) {
  if (syntax == Syntax::tex) return fmt::format("% assay: begin table{}{}\n% assay: end table", run.empty() ? "" : " ", run);
  return fmt::format("<!-- assay: begin table{}{} -->\n<!-- assay: end table -->", run.empty() ? "" : " ",
                     run);
}

}  // namespace assay::reports
