#include "reports/check/prose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "reports/check/prose_records.hpp"
#include "reports/check/prose_sentence.hpp"
#include "reports/check/prose_table.hpp"
#include "reports/check/prose_tokens.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

constexpr std::size_t kLongestSentence = 120, kLongestText = 40;  // bytes, of what is shown
constexpr std::size_t kBlanksToo = 2;                             // so many times as much is looked at for it

/// A text for people: one line of valid UTF-8 without marks.
std::string shown(std::string_view prose, std::size_t most) {
  std::string line;
  std::size_t i = 0;
  while (i < prose.size() && line.size() < most) {
    const auto c = static_cast<unsigned char>(prose[i]);
    if (c == ' ' || c == '\n' || c == '*') {
      if (!line.empty() && line.back() != ' ') line += ' ';
      ++i;
    } else if (c < 0x20) {
      line += c == static_cast<unsigned char>(kCitation) ? "[…]" : "…";
      ++i;
    } else if (c < 0x80) {
      line += prose[i++];
    } else {
      const std::size_t length = c >= 0xF0 && c <= 0xF4 ? 4 : c >= 0xE0 ? 3 : 2;
      const std::string_view letter = prose.substr(i, length);
      const bool is_valid = c >= 0xC2 && c <= 0xF4 && letter.size() == length &&
                            std::all_of(letter.begin() + 1, letter.end(), [](char b) {
                              return (static_cast<unsigned char>(b) & 0xC0U) == 0x80U;
                            });
      line += is_valid ? letter : "?";
      i += is_valid ? length : 1;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return i < prose.size() ? line + " …" : line;
}

/// Lines and columns of rising offsets: the document is counted through once.
class Position {
public:
  explicit Position(std::string_view text) : text_(text) {}

  void go_to(std::size_t offset) {
    for (; at_ < offset; ++at_) {
      if (text_[at_] == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(text_[at_]) & 0xC0U) != 0x80U) {
        ++column;
      }
    }
  }

  int line = 1, column = 1;

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The sections that a passage stands in, and what they are about.
class Outline {
public:
  void enter(int level, Topic topic) {
    while (!open_.empty() && open_.back().level >= level) open_.pop_back();
    open_.push_back({level, topic});
  }
  /// The innermost that says what it is about.
  Topic topic() const {
    for (auto section = open_.rbegin(); section != open_.rend(); ++section) {
      if (section->topic != Topic::none) return section->topic;
    }
    return Topic::none;
  }

private:
  struct Section {
    int level;
    Topic topic;
  };
  std::vector<Section> open_;
};

constexpr int kTitleLevel = 1, kLabelLevel = 7;  // a label, "**Set-up.** We …", is a heading below all others

class ProseReader {
public:
  ProseReader(std::string_view text, const ProseContext& context)
      : context_(context),
        prose_(bare_prose(text, context.markup)),
        tokens_(prose_, lexicon_),
        records_(context.backed, lexicon_),
        levels_(context.levels),
        tables_(prose_, tokens_, lexicon_, records_, levels_),
        position_(text) {}

  std::vector<ProseNumber> read() {
    Passages passages(prose_);
    while (const auto passage = passages.next()) {
      if (is_full()) break;
      if (passage->kind == Passage::Kind::heading) {
        read_heading(*passage);
      } else {
        read_passage(*passage);
      }
    }
    return std::move(found_);
  }

private:
  bool is_full() const { return found_.size() >= context_.most; }

  void read_heading(const Passage& heading) {
    // A title names its subject, which may be an "analysis" or a "system"; but a proposal is one throughout.
    const bool is_title = heading.level == kTitleLevel && !had_heading_;
    const Topic topic = is_title ? topic_of_title(heading) : topic_of(heading.begin, heading.end);
    had_heading_ = true;
    outline_.enter(heading.level, topic);
    lead_in_expects_ = false;
  }

  void read_passage(const Passage& passage) {
    SentencePlace place{outline_.topic(), passage.kind == Passage::Kind::item};
    if (const auto label = label_of(passage)) {
      const Topic topic = topic_of(label->begin, label->end);
      if (!place.in_item) {
        outline_.enter(kLabelLevel, topic);
        place.topic = outline_.topic();
      } else if (topic != Topic::none) {
        place.topic = topic;
      }
      if (label->is_whole) return;
    }
    if (place.topic == Topic::references) return;
    if (passage.kind == Passage::Kind::table) return read_table(passage, place.topic);
    if (place.in_item && lead_in_expects_) place.topic = Topic::expectation;
    bool expects = false;
    tokens_.go_to(passage.begin, passage.end);
    while (!is_full() && tokens_.next_sentence(sentence_)) expects = read_sentence(place);
    // "We expect:" and then a list
    if (!place.in_item) lead_in_expects_ = expects && prose_[passage.end - 1] == ':';
  }

  Topic topic_of_title(const Passage& title) {
    tokens_.go_to(title.begin, title.end);
    while (tokens_.next_sentence(sentence_)) {
      const auto tells = [](const Token& t) { return t.lower == "proposal" || t.lower == "idea"; };
      if (std::any_of(sentence_.begin(), sentence_.end(), tells)) return Topic::expectation;
    }
    return Topic::none;
  }

  /// By the first word of a heading that tells.
  Topic topic_of(std::size_t begin, std::size_t end) {
    tokens_.go_to(begin, end);
    while (tokens_.next_sentence(sentence_)) {  // "2." of "2. Hypotheses" is one, too
      for (std::size_t i = 0; i < sentence_.size(); ++i) {
        if (sentence_[i].kind != Token::Kind::word) continue;
        Topic topic = is_hypothesis_name(sentence_[i].lower) ? Topic::expectation
                                                             : lexicon_.topic_of(sentence_[i].lower);
        if (topic == Topic::none && i + 1 < sentence_.size()) {  // "how we"
          topic = lexicon_.topic_of(fmt::format("{}-{}", sentence_[i].lower, sentence_[i + 1].lower));
        }
        if (topic != Topic::none) return topic;
      }
    }
    return Topic::none;
  }

  struct Label {
    std::size_t begin, end;
    bool is_whole;  // nothing follows it
  };
  /// "**Set-up.** …", "*Controls*: …", "**What we measured**"; emphasis of a first word is none.
  std::optional<Label> label_of(const Passage& passage) const {
    constexpr std::size_t kLongestLabel = 100;
    const std::string_view text =
        std::string_view(prose_).substr(passage.begin, std::min(passage.end - passage.begin, kLongestLabel));
    const std::size_t marks = std::min(text.find_first_not_of("*_"), text.size());
    if (marks == 0 || marks > 3 || marks == text.size()) return std::nullopt;
    const std::size_t close = text.find(text[0], marks);
    if (close == npos) return std::nullopt;
    const std::size_t behind = std::min(text.find_first_not_of("*_", close), text.size());
    const bool is_whole = passage.begin + behind >= passage.end;
    const bool ends = std::string_view(".:?").find(text[close - 1]) != npos ||
                      text.substr(behind).starts_with(':') ||
                      context_.markup == Markup::latex;  // whose \paragraph is always one
    if (!is_whole && !ends) return std::nullopt;
    return Label{passage.begin + marks, passage.begin + close, is_whole};
  }

  /// Whether it ends in an expectation.
  bool read_sentence(const SentencePlace& place) {
    const Sentence sentence(sentence_, prose_, place);
    const std::size_t begin = sentence_.front().begin, end = sentence_.back().end;
    for (const SentenceResult& result : sentence.results(levels_)) {
      if (is_full()) break;
      const bool is_backed = result.number && records_.hold(*result.number);
      add(result.begin, text_of(result.begin, result.end, kLongestText),
          text_of(begin, end, kLongestSentence), result.why, is_backed);
    }
    return sentence.ends_expecting();
  }

  void read_table(const Passage& table, Topic topic) {
    const TableCount count = tables_.count(table, topic);
    if (count.numbers == 0) return;
    const std::size_t line_end = std::min(prose_.find('\n', table.begin), table.end);
    add(table.begin, fmt::format("{} number{}", count.numbers, count.numbers == 1 ? "" : "s"),
        text_of(table.begin, line_end, kLongestSentence), "a table typed by hand",
        count.backed == count.numbers);
    found_.back().is_table = true;
  }

  /// What stands there, for people: shortened to `most` bytes.
  std::string text_of(std::size_t begin, std::size_t end, std::size_t most) const {
    return shown(std::string_view(prose_).substr(begin, std::min(end - begin, kBlanksToo * most)), most);
  }

  void add(std::size_t at, std::string text, std::string sentence, std::string_view why, bool is_backed) {
    position_.go_to(at);
    found_.push_back({position_.line, position_.column, std::move(text), std::move(sentence),
                      std::string(why), is_backed ? Backing::record : Backing::none});
  }

  const ProseContext& context_;
  const Lexicon lexicon_;
  const std::string prose_;
  Tokens tokens_;
  const Records records_;
  const Levels levels_;
  TableReader tables_;
  Position position_;
  Outline outline_;
  bool had_heading_ = false, lead_in_expects_ = false;
  std::vector<Token> sentence_;
  std::vector<ProseNumber> found_;
};

}  // namespace

std::vector<ProseNumber> unbacked_results(std::string_view text, const ProseContext& context) {
  return ProseReader(text, context).read();
}

namespace {

std::string table_sentence(const ProseNumber& table) {
  return fmt::format("the table \"{}\" was typed by hand and holds {} that {}", table.sentence, table.text,
                     table.backing == Backing::record ? "a record has" : "no record backs");
}

/// Of the numbers of one sentence.
std::string numbers_sentence(std::span<const ProseNumber> numbers) {
  std::string texts;
  for (const ProseNumber& number : numbers)
    texts += fmt::format("{}'{}'", texts.empty() ? "" : ", ", number.text);
  const ProseNumber& first = numbers.front();
  const bool is_one = numbers.size() == 1;
  if (first.backing == Backing::record) {
    return fmt::format("{} in \"{}\" {} in a record and {} typed by hand", texts, first.sentence,
                       is_one ? "stands" : "stand", is_one ? "was" : "were");
  }
  return fmt::format("{} in \"{}\" {} like {}, and no record backs {}", texts, first.sentence,
                     is_one ? "looks" : "look", is_one ? first.why : "results", is_one ? "it" : "them");
}

Finding finding_of(std::span<const ProseNumber> numbers, std::string_view file) {
  const ProseNumber& first = numbers.front();
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = first.backing == Backing::record ? "prose.backed" : "prose.unbacked";
  finding.file = file;
  finding.line = first.line;
  finding.what = first.is_table ? table_sentence(first) : numbers_sentence(numbers);
  if (first.is_table) {
    finding.remedy = "let Assay write it, between <!-- assay: begin table --> and <!-- assay: end table -->";
  } else if (first.backing == Backing::record) {
    finding.remedy =
        "put it into an inline value, <!-- assay: value … -->…<!-- assay: end -->, so that it follows the "
        "data";
  } else {
    finding.remedy =
        "let Assay fill it in from a run, cite whose it is, or mark it <!-- assay:not-a-result -->";
  }
  return finding;
}

}  // namespace

std::vector<Finding> findings_of(const std::vector<ProseNumber>& numbers, std::string_view file,
                                 std::size_t most) {
  std::vector<Finding> findings;
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < numbers.size() && findings.size() < most; begin = next) {
    const ProseNumber& first = numbers[begin];
    const auto is_beside = [&](const ProseNumber& n) {
      return n.sentence == first.sentence && n.backing == first.backing && n.is_table == first.is_table;
    };
    next = begin + 1;
    while (!first.is_table && next < numbers.size() && is_beside(numbers[next])) ++next;
    findings.push_back(finding_of(std::span(numbers).subspan(begin, next - begin), file));
  }
  if (const std::size_t left = numbers.size() - next; left > 0) {
    Finding more;
    more.severity = Severity::note;
    more.rule = "prose.unbacked";
    more.file = file;
    more.what = fmt::format("{} more {} like results", left, left == 1 ? "number looks" : "numbers look");
    more.remedy = "mend those above, then check again";
    findings.push_back(std::move(more));
  }
  return findings;
}

}  // namespace assay::reports::check
