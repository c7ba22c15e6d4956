#include "reports/check/prose_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/ascii.hpp"
#include "harness/core/utf8.hpp"
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
      const std::size_t length = first_character(prose.substr(i)).length;
      line += length > 0 ? prose.substr(i, length) : "?";
      i += std::max<std::size_t>(1, length);
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

constexpr int kTitleLevel = 1, kLabelLevel = 7;  // a label, "**Set-up.** We …", is a heading below all others

/// The sections that a passage stands in, and what they are about.
class Outline {
public:
  void enter(int level, Topic topic) {
    while (!open_.empty() && open_.back().level >= level) open_.pop_back();
    open_.push_back({level, topic});
  }
  /// Whether a section of `level` that begins now is part of one about `topic`.
  bool is_inside(int level, Topic topic) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const Section& s) { return s.level < level && s.topic == topic; });
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

class ProseReader {
public:
  ProseReader(std::string_view text, const ProseContext& context, std::vector<Candidate>* candidates)
      : context_(context),
        candidates_(candidates),
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
  struct Label {
    std::size_t begin, end;
    bool is_whole;  // nothing follows it
  };

  bool is_full() const { return found_.size() >= context_.most; }

  void read_heading(const Passage& heading) {
    // A title names its subject, which may be an "analysis" or a "system"; but a proposal is one throughout.
    const bool is_title = heading.level == kTitleLevel && !had_heading_;
    Topic topic = is_title ? topic_of_title(heading) : topic_of(heading.begin, heading.end);
    if (is_title && is_chapter(heading)) topic = topic_of(heading.begin, heading.end);
    if (is_title) is_plan_ = topic == Topic::expectation;
    // "The primary hypothesis", of a discussion, says what became of it.
    if (topic == Topic::expectation && outline_.is_inside(heading.level, Topic::results))
      topic = Topic::results;
    had_heading_ = true;
    if (topic == Topic::setup && outline_.is_inside(heading.level, Topic::limits)) topic = Topic::limits;
    outline_.enter(heading.level, topic);
    lead_in_expects_ = false;
  }

  /// "5 Discussion", "Evaluation": a part of a report, and no title.
  bool is_chapter(const Passage& title) {
    std::string_view text = std::string_view(prose_).substr(title.begin, title.end - title.begin);
    text.remove_prefix(std::min(text.find_first_not_of(" *"), text.size()));
    return !text.empty() && (is_digit(text[0]) || text.find(' ') == npos);
  }

  void read_passage(const Passage& passage) {
    SentencePlace place{outline_.topic(), passage.kind == Passage::Kind::item, is_plan_};
    if (const auto label = label_of(passage)) {
      Topic topic = topic_of(label->begin, label->end);
      // "H1", among results, says what became of it; "Hypothesis." alone says what it was.
      if (topic == Topic::expectation && !is_one_word(*label) && outline_.is_inside(kLabelLevel, Topic::results))
        topic = Topic::results;
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
    caption_ = is_caption(passage) ? passage : Passage{};
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
      const auto tells = [](const Token& t) {
        return t.lower == "proposal" || t.lower == "idea" || t.lower == "design" || t.lower == "plan";
      };
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
        if (i > 0 && sentence_[i - 1].lower == "than") continue;  // "slower than planned"
        Topic topic = is_hypothesis_name(sentence_[i].lower) ? Topic::expectation
                                                             : lexicon_.topic_of(sentence_[i].lower);
        if (i + 1 < sentence_.size()) {  // "how we", "future work"
          const Topic both =
              lexicon_.topic_of(fmt::format("{}-{}", sentence_[i].lower, sentence_[i + 1].lower));
          if (both != Topic::none) topic = both;
        }
        if (topic != Topic::none) return topic;
      }
    }
    return Topic::none;
  }

  /// And no name with a number.
  bool is_one_word(const Label& label) const {
    const std::string_view text = std::string_view(prose_).substr(label.begin, label.end - label.begin);
    return std::none_of(text.begin(), text.end(), [](char c) { return is_white(c) || is_digit(c); });
  }

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
    const Clauses sentence(sentence_, prose_, place);
    const std::size_t begin = sentence_.front().begin, end = sentence_.back().end;
    if (candidates_) keep_candidates(sentence);
    for (const SentenceResult& result : results_of(sentence, prose_, levels_)) {
      if (is_full()) break;
      const bool is_backed = result.number && records_.hold(*result.number);
      add(result.begin, text_of(result.begin, result.end, kLongestText),
          text_of(begin, end, kLongestSentence), result.why, is_backed);
    }
    return sentence.ends_expecting();
  }

  void keep_candidates(const Clauses& sentence) {
    for (const NumberGroup& group : sentence.groups()) {
      if (sentence.is_out(group.first())) continue;
      Candidate candidate;
      candidate.features = features_of(sentence, group);
      for (const std::size_t i : group.numbers) {
        const Token& number = sentence_[i];
        const std::size_t number_end = std::max(number.text_end, number.end);
        if (levels_.contain(std::string_view(prose_).substr(number.begin, number_end - number.begin)))
          continue;
        position_.go_to(number.begin);
        candidate.numbers.push_back(
            {position_.line, position_.column, text_of(number.begin, number_end, kLongestText)});
      }
      candidates_->push_back(std::move(candidate));
    }
  }

  /// "Table 2. Latency in ms", or a short paragraph of LaTeX, whose \caption is one.
  bool is_caption(const Passage& passage) {
    constexpr std::size_t kLongestCaption = 300;
    std::string_view text =
        std::string_view(tokens_.lower()).substr(passage.begin, passage.end - passage.begin);
    text.remove_prefix(std::min(text.find_first_not_of("*_ "), text.size()));
    return text.size() < kLongestCaption && (context_.markup == Markup::latex || text.starts_with("table"));
  }

  void read_table(const Passage& table, Topic topic) {
    const TableCount count = tables_.count(table, caption_, topic);
    caption_ = {};
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
  std::vector<Candidate>* const candidates_;  // nullptr: nobody asks for them
  const Lexicon lexicon_;
  const std::string prose_;
  Tokens tokens_;
  const Records records_;
  const Levels levels_;
  TableReader tables_;
  Position position_;
  Outline outline_;
  Passage caption_;  // what was read last, if it may be one
  bool had_heading_ = false, is_plan_ = false, lead_in_expects_ = false;
  std::vector<Token> sentence_;
  std::vector<ProseNumber> found_;
};

}  // namespace

std::vector<ProseNumber> read_prose(std::string_view text, const ProseContext& context) {
  return ProseReader(text, context, nullptr).read();
}

std::vector<Candidate> candidates_in(std::string_view text, const ProseContext& context) {
  std::vector<Candidate> candidates;
  ProseReader(text, context, &candidates).read();
  return candidates;
}

}  // namespace assay::reports::check
