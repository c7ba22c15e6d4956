#include "reports/check/prose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "reports/check/prose_tokens.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

// How much each thing that speaks for a result or against one counts. A number needs kEnough.
constexpr int kEnough = 4;
constexpr int kVerb = 2, kCopula = 1, kMetricInSentence = 1, kMetricNear = 1, kCompared = 2, kOwn = 1, kResults = 1, kBehindColon = 1,
              kInItem = 1, kSetupSection = -3, kBackgroundSection = -4, kRelatedSection = -4;

// Distances in tokens.
constexpr std::ptrdiff_t kReach = 8;
constexpr std::size_t kNear = kReach, kSettingBefore = 5, kSettingAfter = 2, kComparedAfter = 3, kIntendedAfter = 6;

constexpr std::size_t kLongestSentence = 120, kLongestText = 40;  // bytes, of what is shown

int base_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::ratio:
    case Dimension::points:
    case Dimension::rate: return 3;
    case Dimension::percent:
    case Dimension::energy:
    case Dimension::count:
    case Dimension::time: return 2;
    case Dimension::times:
    case Dimension::memory: return 1;
    case Dimension::none:
    case Dimension::setting: break;
  }
  return 0;
}

std::string_view called(Dimension dimension) {
  switch (dimension) {
    case Dimension::ratio:
    case Dimension::times: return "a ratio";
    case Dimension::percent: return "a percentage";
    case Dimension::points: return "a difference in points";
    case Dimension::time: return "a time";
    case Dimension::rate: return "a rate";
    case Dimension::energy: return "an energy or a power";
    case Dimension::memory: return "an amount of memory";
    case Dimension::count: return "a count";
    case Dimension::none:
    case Dimension::setting: break;
  }
  return "a score";
}

bool is(const Token& token, std::uint32_t roles) {
  return (token.roles & roles) != 0;
}

/// A text for people: one line of valid UTF-8 without marks.
std::string shown(std::string_view prose, std::size_t most) {
  std::string line;
  for (std::size_t i = 0; i < prose.size() && line.size() < most;) {
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
                            std::all_of(letter.begin() + 1, letter.end(), [](char b) { return (static_cast<unsigned char>(b) & 0xC0U) == 0x80U; });
      line += is_valid ? letter : "?";
      i += is_valid ? length : 1;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
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

/// A printed number in base units, with half a unit of its last digit.
struct Printed {
  double value = 0, half = 0;
  Dimension dimension = Dimension::none;
};

/// How a number without a unit may be meant: "2.31" for 2.31×, "0.984" for 98.4 %.
Dimension compared_as(Dimension dimension) {
  const bool is_plain = dimension == Dimension::ratio || dimension == Dimension::times || dimension == Dimension::percent || dimension == Dimension::points;
  return is_plain ? Dimension::none : dimension;
}

Printed printed(const Token& number) {
  const double scale = number.unit ? number.unit->scale : 1;
  const double half = 0.5 * std::pow(10.0, -number.decimals);
  return {number.value * scale, half * scale, compared_as(number.unit ? number.unit->dimension : Dimension::none)};
}

/// The values that records hold, to be asked for by what somebody typed.
class Records {
public:
  Records(const std::vector<std::string>& texts, const Lexicon& lexicon) {
    std::vector<Token> tokens;
    for (const std::string& text : texts) {
      Tokens reader(text, lexicon);
      reader.go_to(0, text.size());
      if (!reader.next_sentence(tokens)) continue;
      const auto number = std::find_if(tokens.begin(), tokens.end(), [](const Token& t) { return t.kind == Token::Kind::number; });
      if (number != tokens.end()) values_.push_back(printed(*number));
    }
    std::sort(values_.begin(), values_.end(), [](const Printed& a, const Printed& b) { return key(a) < key(b); });
  }

  /// "2.3×" for 2.31; a single digit only for itself, as it would be near too much.
  bool hold(const Token& number) const {
    const Printed typed = printed(number);
    const double slack = (number.digits > 1 ? typed.half : 0) + 1e-9 * std::abs(typed.value);
    const auto first = std::lower_bound(values_.begin(), values_.end(), std::pair(typed.dimension, typed.value - slack),
                                        [](const Printed& a, const std::pair<Dimension, double>& b) { return key(a) < b; });
    return first != values_.end() && first->dimension == typed.dimension && first->value <= typed.value + slack;
  }

private:
  static std::pair<Dimension, double> key(const Printed& value) { return {value.dimension, value.value}; }
  std::vector<Printed> values_;
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

/// What the tokens of a sentence say about each other; as long as the sentence.
struct Reading {
  std::vector<int> clause, part;      // by number; a part is what stands between commas
  std::vector<bool> is_expectation;   // what stands here is hoped for
  std::vector<bool> is_theirs, is_cited;  // by part: says that others said so; has a citation
  std::vector<std::size_t> verbs;     // places of words that say that something was found
  std::vector<std::size_t> copulas, metrics, citations;
  bool is_own = false;
};

class ProseReader {
public:
  ProseReader(std::string_view text, const ProseContext& context)
      : context_(context), prose_(bare_prose(text, context.markup)), tokens_(prose_, lexicon_), records_(context.backed, lexicon_), position_(text) {
    for (const std::string& level : context.levels) levels_.push_back(without_spaces(level));
    std::sort(levels_.begin(), levels_.end());
  }

  std::vector<ProseNumber> read() {
    Passages passages(prose_);
    while (const auto passage = passages.next()) {
      if (found_.size() >= context_.most) break;
      read_passage(*passage);
    }
    if (found_.size() > context_.most) found_.resize(context_.most);
    return std::move(found_);
  }

private:
  static std::string without_spaces(std::string_view text) {
    std::string kept;
    for (const char c : text) {
      if (c != ' ' && c != '\n') kept += c;
    }
    return kept;
  }

  void read_passage(const Passage& passage) {
    if (passage.kind == Passage::Kind::heading) {
      tokens_.go_to(passage.begin, passage.end);
      Topic topic = tokens_.next_sentence(sentence_) ? topic_of(sentence_) : Topic::none;
      // A title names its subject, which may be an "analysis" or a "system"; but a proposal is one throughout.
      if (passage.level == kTitleLevel && topic != Topic::expectation && !had_heading_) topic = Topic::none;
      had_heading_ = true;
      outline_.enter(passage.level, topic);
      lead_in_expects_ = false;
      return;
    }
    std::size_t begin = passage.begin;
    topic_ = outline_.topic();
    if (const auto label = label_of(passage)) {
      tokens_.go_to(label->begin, label->end);
      const Topic topic = tokens_.next_sentence(sentence_) ? topic_of(sentence_) : Topic::none;
      if (passage.kind == Passage::Kind::paragraph) {
        outline_.enter(kLabelLevel, topic);
        topic_ = outline_.topic();
      } else if (topic != Topic::none) {
        topic_ = topic;
      }
      if (label->end + 2 >= passage.end) return;
    }
    if (topic_ == Topic::references) return;
    if (passage.kind == Passage::Kind::table) return read_table(passage);
    is_item_ = passage.kind == Passage::Kind::item;
    if (is_item_ && lead_in_expects_) topic_ = Topic::expectation;
    bool expects = false;
    tokens_.go_to(begin, passage.end);
    while (tokens_.next_sentence(sentence_)) {
      if (found_.size() >= context_.most) return;
      expects = read_sentence();
    }
    // "We expect:" and then a list
    if (!is_item_) lead_in_expects_ = expects && prose_[passage.end - 1] == ':';
  }

  Topic topic_of(const std::vector<Token>& heading) const {
    for (std::size_t i = 0; i < heading.size(); ++i) {
      if (heading[i].kind != Token::Kind::word) continue;
      Topic topic = lexicon_.topic_of(heading[i].lower);
      if (topic == Topic::none && i + 1 < heading.size()) {
        topic = lexicon_.topic_of(std::string(heading[i].lower) + "-" + std::string(heading[i + 1].lower));
      }
      if (topic != Topic::none) return topic;
    }
    return Topic::none;
  }

  struct Span {
    std::size_t begin, end;
  };
  /// "**Set-up.** …", "*Controls*: …", "**What we measured**"; emphasis of a first word is none.
  std::optional<Span> label_of(const Passage& passage) const {
    const std::string_view text = std::string_view(prose_).substr(passage.begin, std::min<std::size_t>(passage.end - passage.begin, 100));
    const std::size_t marks = std::min(text.find_first_not_of("*_"), text.size());
    if (marks == 0 || marks > 3 || marks == text.size()) return std::nullopt;
    const std::size_t close = text.find(text[0], marks);
    if (close == npos) return std::nullopt;
    const std::size_t behind = std::min(text.find_first_not_of("*_", close), text.size());
    const bool is_whole = passage.begin + behind >= passage.end;
    const bool ends = std::string_view(".:?").find(text[close - 1]) != npos || (behind < text.size() && text[behind] == ':') ||
                      context_.markup == Markup::latex;
    if (!is_whole && !ends) return std::nullopt;
    return Span{passage.begin + marks, passage.begin + close};
  }

  // What the tokens of the sentence say about each other.

  Reading read_roles() {
    Reading reading;
    const std::size_t n = sentence_.size();
    reading.clause.resize(n);
    reading.part.resize(n);
    reading.is_expectation.resize(n);
    for (const RolePair& pair : kRolePairs) {
      for (std::size_t i = 0; i + 1 < n; ++i) {
        if (sentence_[i].lower != pair.first || sentence_[i + 1].lower != pair.second) continue;
        sentence_[i].roles |= pair.roles;
        sentence_[i + 1].roles |= pair.roles;
      }
    }
    const bool is_default = topic_ == Topic::expectation;
    bool expects = is_default;
    int clause = 0, part = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Token& token = sentence_[i];
      if (is(token, kTurn) || token.lower == ";" || token.lower == "—") {
        ++clause;
        ++part;
        if (!is_default) expects = false;
      } else if (is(token, kAside) || token.lower == "," || token.lower == "(" || token.lower == ")" || token.lower == ":") {
        ++part;
      }
      reading.is_theirs.resize(static_cast<std::size_t>(part) + 1);
      reading.is_cited.resize(static_cast<std::size_t>(part) + 1);
      const bool is_mark = token.kind == Token::Kind::mark && prose_[token.begin] == kCitation;
      if (is_mark || (token.lower == "et" && i + 1 < n && sentence_[i + 1].lower == "al")) {
        reading.citations.push_back(i);
        reading.is_cited.back() = true;
      }
      if (is(token, kTheirs)) reading.is_theirs.back() = true;
      if (token.kind == Token::Kind::word && !token.is_unit) {
        const std::string_view before = i > 0 ? sentence_[i - 1].lower : std::string_view();
        const bool is_compared = before == "than" || before == "as";
        if (is(token, kExpected) && !is_compared) expects = true;
        if (is(token, kObserved)) expects = false;
        if (is(token, kFound)) reading.verbs.push_back(i);
        if (is(token, kMetric)) reading.metrics.push_back(i);
        if (is(token, kOurs)) reading.is_own = true;
      }
      if (is(token, kIs)) reading.copulas.push_back(i);
      reading.clause[i] = clause;
      reading.part[i] = part;
      reading.is_expectation[i] = expects;
    }
    return reading;
  }

  /// Whether the sentence ends in an expectation.
  bool read_sentence() {
    const Reading reading = read_roles();
    share_units();
    bool was_out = false;  // the number before is a setting or a name: "experiments 1 and 2"
    for (std::size_t i = 0; i < sentence_.size(); ++i) {
      const Token& token = sentence_[i];
      if (token.kind == Token::Kind::number) {
        const bool is_joined_to_last = i > 0 && is(sentence_[i - 1], kLink) && !token.unit;
        const auto why = is_joined_to_last && was_out ? std::nullopt : reason(i, reading);
        was_out = !why && (!token.unit || was_out);
        if (why) add(token.begin, std::max(token.text_end, token.end), *why, records_.hold(token) ? Backing::record : Backing::none);
      } else if (const std::size_t last = comparison_in_words(i, reading); last > i) {
        add(token.begin, sentence_[last].end, "a comparison in words", Backing::none);
        i = last;
      }
    }
    return !reading.is_expectation.empty() && reading.is_expectation.back();
  }

  /// "from 12.3 to 4.1 ms", "3, 5 and 7 %": a number without a unit has that of the next.
  void share_units() {
    for (std::size_t i = sentence_.size(); i-- > 0;) {
      Token& number = sentence_[i];
      if (number.kind != Token::Kind::number || number.unit || number.is_name || number.last != i) continue;
      std::size_t next = i + 1;
      while (next < sentence_.size() && next <= i + 2 && is(sentence_[next], kLink)) ++next;
      if (next > i + 1 && next < sentence_.size() && sentence_[next].kind == Token::Kind::number && sentence_[next].unit &&
          sentence_[next].unit->dimension != Dimension::setting) {
        number.unit = sentence_[next].unit;
      }
    }
  }

  bool has_in_clause(const std::vector<std::size_t>& places, std::size_t i, std::size_t behind, const Reading& reading) const {
    const auto after = std::upper_bound(places.begin(), places.end(), i);
    const bool before = after != places.begin() && reading.clause[*(after - 1)] == reading.clause[i];
    return before || (after != places.end() && reading.clause[*after] == reading.clause[i] && *after - i <= behind);
  }

  /// Whether what stands at `i` is told as others' or as hoped for.
  bool is_told_otherwise(std::size_t i, std::size_t last, const Reading& reading) const {
    if (reading.is_expectation[i]) return true;
    const std::size_t n = sentence_.size();
    for (std::size_t k = last + 1; k < n && k <= last + kIntendedAfter && reading.part[k] == reading.part[i]; ++k) {
      if (is(sentence_[k], kIntended) && sentence_[k - 1].lower != "than" && sentence_[k - 1].lower != "as") return true;
      if (is(sentence_[k], kObserved)) break;
    }
    const auto part = static_cast<std::size_t>(reading.part[i]);
    if (reading.is_theirs[part] || reading.is_cited[part]) return true;
    if (reading.citations.empty()) return false;
    if (reading.is_own) return false;
    // In a section of results, what comes before the citation may be ours.
    return topic_ != Topic::results || reading.citations.front() < i;
  }

  /// Whether the number at `i` was chosen, or is part of a name.
  bool is_setting(std::size_t i, const Reading& reading) const {
    const Token& number = sentence_[i];
    const std::size_t n = sentence_.size();
    const Dimension dimension = number.unit ? number.unit->dimension : Dimension::none;
    if (dimension == Dimension::setting || number.is_name) return true;
    if (i + 1 < n && number.last == i && is(sentence_[i + 1], kMoney)) return true;
    if (i > 0 && is(sentence_[i - 1], kMoney)) return true;
    if (i + 1 < n && is(sentence_[i + 1], kMonth) && !number.unit) return true;
    const auto is_joined_metric = [&](std::size_t k) { return k < n && is(sentence_[k], kMetric | kComparative); };
    if (number.is_joined && !is_joined_metric(number.last + 1)) return true;
    std::size_t k = i;  // the word that says what the number is of
    bool has_filler = false;
    for (; k-- > 0 && i - k <= kSettingBefore;) {
      const Token& word = sentence_[k];
      if (is(word, kMetric) && !is(word, kSetting | kLabel)) break;
      if (is(word, kFound) && !is(word, kSetting)) break;
      if (word.lower == "," || word.lower == ")" || word.kind == Token::Kind::mark) break;
      if (word.kind == Token::Kind::number) break;
      if (number.unit && (word.lower == "and" || word.lower == "or")) break;  // "with 2 workers and 3.6×"
      if (is(word, kLabel) && !has_filler && (!number.unit || dimension == Dimension::ratio)) return true;
      if (is(word, kMonth) && !number.unit) return true;
      if (is(word, kSetting)) return true;
      if (!is(word, kFiller)) break;
      has_filler = true;
    }
    // "at 100 req/s the queue …", "for 5 minutes", and not "ends at 74 %", "the fastest with 44 tokens/s"
    std::size_t before = i;
    while (before > 0 && is(sentence_[before - 1], kFiller) && !is(sentence_[before - 1], kOccasion | kSpan)) --before;
    if (before > 0 && is(sentence_[before - 1], kOccasion | kSpan)) {
      const std::size_t preposition = before - 1;
      const bool begins = preposition == 0 || reading.part[preposition] != reading.part[preposition - 1] || sentence_[preposition - 1].kind == Token::Kind::sign;
      const bool is_found = preposition > 0 && (is(sentence_[preposition - 1], kFound | kComparative | kIs) || is(sentence_[preposition - 1], kMetric));
      if (is(sentence_[preposition], kSpan) && dimension == Dimension::time) return true;
      if (is(sentence_[preposition], kOccasion) && sentence_[preposition].lower != "in" && (begins || !is_found)) return true;
    }
    // "a 10 ms window", "95 % confidence", "16 GB of RAM"
    for (std::size_t next = number.last + 1; next < n && next <= number.last + kSettingAfter; ++next) {
      const Token& word = sentence_[next];
      if (word.kind != Token::Kind::word || is(word, kFound | kIs | kTurn)) break;
      if (is(word, kSetting) && !is(word, kMetric)) return true;
      if (!is(word, kFiller)) break;
    }
    if (dimension == Dimension::memory) {
      bool is_held = false, is_hardware = false;
      for (std::size_t h = i; h-- > 0 && i - h <= 2 * kNear && reading.clause[h] == reading.clause[i];) is_held |= is(sentence_[h], kHolds);
      for (std::size_t h = i >= 3 ? i - 3 : 0; h < n && h <= number.last + 3; ++h) is_hardware |= is(sentence_[h], kHardware) && reading.clause[h] == reading.clause[i];
      if (is_hardware && !is_held) return true;
    }
    return is_level(number);
  }

  bool is_level(const Token& number) const {
    const auto is_listed = [&](std::string_view text) { return std::binary_search(levels_.begin(), levels_.end(), without_spaces(text)); };
    return is_listed(std::string_view(prose_).substr(number.begin, number.text_end - number.begin));
  }

  /// "2.9 times slower", "3× the throughput".
  bool is_compared_after(std::size_t last) const {
    for (std::size_t k = last + 1; k < sentence_.size() && k <= last + kComparedAfter; ++k) {
      if (sentence_[k].lower == "," || sentence_[k].lower == ".") break;
      if (is(sentence_[k], kComparative)) return true;
    }
    return false;
  }

  int of_section(const Reading& reading) const {
    switch (topic_) {
      case Topic::results: return kResults;
      case Topic::setup: return kSetupSection;
      case Topic::background: return kBackgroundSection + (reading.is_own ? 3 : 0);
      case Topic::related: return kRelatedSection + (reading.is_own ? 4 : 0);
      default: return 0;
    }
  }

  /// What speaks for a result in the words around `i`.
  int evidence(std::size_t i, std::size_t last, const Reading& reading) const {
    int score = of_section(reading);
    if (has_in_clause(reading.verbs, i, kNear, reading)) score += kVerb;
    if (has_in_clause(reading.copulas, i, kNear, reading)) score += kCopula;
    if (!reading.metrics.empty()) score += kMetricInSentence;
    const auto first_near = std::lower_bound(reading.metrics.begin(), reading.metrics.end(), i > kNear ? i - kNear : 0);
    const bool is_near = std::any_of(first_near, reading.metrics.end() - first_near > 2 * kReach ? first_near + 2 * kReach : reading.metrics.end(), [&](std::size_t m) {
      return m <= i + kNear && reading.clause[m] == reading.clause[i];
    });
    if (is_near) score += kMetricNear;
    if (is_compared_after(last)) score += kCompared;
    if (reading.is_own) score += kOwn;
    if (i > 0) {
      const std::string_view before = sentence_[i - 1].lower;
      if (before == ":" || before == "→" || before == "(" || before == "=" || before == "+" || before == "−") {
        score += kBehindColon + (is_item_ ? kInItem : 0);
      }
    }
    return score;
  }

  /// Why the number at `i` looks like a result; nothing if it doesn't.
  std::optional<std::string> reason(std::size_t i, const Reading& reading) const {
    const Token& number = sentence_[i];
    if (is_setting(i, reading) || is_told_otherwise(i, number.last, reading)) return std::nullopt;
    if (i > 0 && sentence_[i - 1].lower == "±") return std::nullopt;  // part of the number before
    if (!number.unit) return reason_without_unit(i, reading);
    const Dimension dimension = number.unit->dimension;
    if (dimension == Dimension::times && !is_compared_after(number.last)) return std::nullopt;  // "ran 10 times"
    if (base_of(dimension) + evidence(i, number.last, reading) < kEnough) return std::nullopt;
    return std::string(called(dimension));
  }

  /// "an accuracy of 0.973", "perplexity rose from 5.68 to 5.91", "a 0.82 F1", "p = 0.003", "gets 41.2".
  std::optional<std::string> reason_without_unit(std::size_t i, const Reading& reading) const {
    const Token& number = sentence_[i];
    const std::size_t n = sentence_.size();
    if (i >= 2 && sentence_[i - 1].lower == "=" && sentence_[i - 2].lower == "p") return "a p-value";
    const bool is_whole = number.decimals == 0;
    const bool before_noun = i + 1 < n && sentence_[i + 1].kind == Token::Kind::word && !is(sentence_[i + 1], kFiller | kLink | kTurn | kAside | kScore | kFound | kOccasion | kSpan);
    if (is_whole && before_noun) return std::nullopt;
    if (i > 0 && sentence_[i - 1].lower == "<") return std::nullopt;
    bool has_score = i + 1 < n && is(sentence_[i + 1], kScore);
    for (std::size_t k = i; !has_score && k-- > 0 && i - k <= (is_whole ? kNear : 2 * kNear) && reading.clause[k] == reading.clause[i];) {
      has_score = is(sentence_[k], kScore);
      if (!has_score && is(sentence_[k], kSetting)) break;
      if (is_whole && !is(sentence_[k], kFiller | kFound) && sentence_[k].kind == Token::Kind::word) break;
    }
    const bool is_object = i > 0 && is(sentence_[i - 1], kFound);
    if (!has_score && !is_object) return std::nullopt;
    const int base = is_whole ? 1 : 2;  // a whole number counts things more often
    if (base + evidence(i, i, reading) < kEnough) return std::nullopt;
    return "a score";
  }

  /// The last token of a comparison without digits that begins at `i`, "twice as fast"; `i` if there is none.
  std::size_t comparison_in_words(std::size_t i, const Reading& reading) const {
    const std::size_t last = words_of_comparison(i, reading);
    if (last == i || is_told_otherwise(i, last, reading)) return i;
    const bool is_ours = topic_ != Topic::setup && (topic_ != Topic::background || reading.is_own) && (topic_ != Topic::related || reading.is_own);
    return is_ours ? last : i;
  }

  std::size_t words_of_comparison(std::size_t i, const Reading& reading) const {
    const std::size_t n = sentence_.size();
    const Token& token = sentence_[i];
    if (token.kind != Token::Kind::word || token.is_unit) return i;
    const auto at = [&](std::size_t k) { return k < n ? sentence_[k].lower : std::string_view(); };
    const auto compared = [&](std::size_t from, std::size_t most) {  // the first word that compares, near `from`
      for (std::size_t k = from; k < n && k < from + most && reading.part[k] <= reading.part[from] + 1; ++k) {
        if (sentence_[k].lower == "," || sentence_[k].kind == Token::Kind::number) break;
        if (is(sentence_[k], kMetric | kComparative) && sentence_[k].lower != "as" && !is(sentence_[k], kSetting)) return k;
      }
      return npos;
    };
    const bool has_verb = has_in_clause(reading.verbs, i, kNear, reading);
    if ((token.lower == "order" || token.lower == "orders") && at(i + 1) == "of" && at(i + 2) == "magnitude") return i + 2;
    if (is(token, kMultiple)) {
      const std::size_t k = compared(i + 1, 4);
      return k == npos ? i : k;
    }
    if (is(token, kCount) && (at(i + 1) == "times" || at(i + 1) == "fold")) {
      const std::size_t k = compared(i + 2, 3);
      return k == npos ? i : k;
    }
    if (is(token, kMultiplies)) {
      const bool is_chosen = std::any_of(sentence_.begin() + static_cast<std::ptrdiff_t>(i >= 3 ? i - 3 : 0),
                                         sentence_.begin() + static_cast<std::ptrdiff_t>(std::min(n, i + 5)),
                                         [](const Token& t) { return is(t, kSetting); });
      const std::size_t k = compared(i + 1, 4);
      const bool has_metric = k != npos || (!reading.metrics.empty() && reading.metrics.front() < i);
      return is_chosen || !has_metric ? i : (k != npos ? k : i + (i + 1 < n ? 1 : 0));
    }
    if (is(token, kFraction) && i > 0) {
      const std::string_view before = at(i - 1);
      const bool is_amount = before == "a" || before == "one" || before == "two" || before == "by" || before == "than" || before == "another" ||
                             token.lower == "half" || before == "three";
      const bool is_of = at(i + 1) == "of" || at(i + 1) == "off" || at(i + 1) == "more" || at(i + 1) == "less" || at(i + 1) == "the" || before == "by" ||
                         before == "than" || at(i + 1) == "as" || at(i + 1) == "fewer";
      if (!is_amount || !is_of || !has_verb || reading.metrics.empty()) return i;
      return std::min(i + 1, n - 1);
    }
    return i;
  }

  // Tables

  using Row = std::vector<Span>;

  Row row_of(std::size_t begin, std::size_t end) const {
    Row cells;
    std::size_t at = begin;
    if (prose_[at] == '|') ++at;
    while (at < end && cells.size() < kMostColumns) {
      const std::size_t bar = std::min(std::string_view(prose_).substr(0, end).find('|', at), end);
      cells.push_back({at, bar});
      at = bar + 1;
    }
    return cells;
  }

  enum class About { unknown, metric, other };

  About about(const Span& heading) {
    tokens_.go_to(heading.begin, heading.end);
    if (!tokens_.next_sentence(sentence_)) return About::unknown;
    bool is_metric = false, is_other = false;
    for (const Token& token : sentence_) {
      const Unit* unit = token.kind == Token::Kind::number ? nullptr : lexicon_.unit_of(token.text, token.lower);
      if (unit && base_of(unit->dimension) > 0 && token.lower != "times") is_metric = true;
      if (is(token, kMetric | kScore) && !is(token, kSetting)) is_metric = true;
      if (is(token, kExpected | kIntended | kTheirs) || token.kind == Token::Kind::mark) is_other = true;
      if (is(token, kSetting) && !is_metric) is_other = true;
    }
    return is_other ? About::other : is_metric ? About::metric : About::unknown;
  }

  struct CellNumber {
    bool is_number = false, has_unit = false, is_decimal = false;
    Backing backing = Backing::none;
  };

  CellNumber number_in(const Span& cell) {
    CellNumber found;
    tokens_.go_to(cell.begin, cell.end);
    if (!tokens_.next_sentence(sentence_)) return found;
    const auto is_threshold = [](const Token& t) { return t.lower == "<" || t.lower == ">" || t.lower == "≤" || t.lower == "≥" || is(t, kExpected); };
    if (std::any_of(sentence_.begin(), sentence_.end(), is_threshold)) return found;
    const auto number = std::find_if(sentence_.begin(), sentence_.end(), [](const Token& t) { return t.kind == Token::Kind::number; });
    if (number == sentence_.end() || number->is_name || number->is_joined || number - sentence_.begin() > 2) return found;
    const Dimension dimension = number->unit ? number->unit->dimension : Dimension::none;
    if (dimension == Dimension::setting || is_level(*number)) return found;
    found.is_number = true;
    found.has_unit = dimension != Dimension::none;
    found.is_decimal = number->decimals > 0;
    found.backing = records_.hold(*number) ? Backing::record : Backing::none;
    return found;
  }

  /// One note a table: how many of its cells look like results.
  void read_table(const Passage& passage) {
    if (topic_ == Topic::expectation || topic_ == Topic::related || topic_ == Topic::background) return;
    std::vector<About> columns;
    std::size_t numbers = 0, decimals = 0, backed = 0, unknown = 0, row_number = 0;
    std::size_t first_end = passage.end;
    for (std::size_t at = passage.begin; at < passage.end; ++row_number) {
      const std::size_t end = std::min(std::string_view(prose_).substr(0, passage.end).find('\n', at), passage.end);
      std::size_t begin = at;
      while (begin < end && prose_[begin] == ' ') ++begin;
      at = end + 1;
      const Row row = row_of(begin, end);
      if (row_number == 0) {
        first_end = end;
        for (const Span& heading : row) columns.push_back(about(heading));
      }
      if (row_number < 2 || row.empty()) continue;
      const About label = about(row.front());
      for (std::size_t c = 1; c < row.size() && c < columns.size(); ++c) {
        if (columns[c] == About::other) continue;
        const CellNumber cell = number_in(row[c]);
        if (!cell.is_number) continue;
        const bool is_metric = columns[c] == About::metric || label == About::metric || (cell.has_unit && topic_ != Topic::setup);
        if (!is_metric) {
          ++unknown;
          decimals += cell.is_decimal ? 1 : 0;
          continue;
        }
        ++numbers;
        backed += cell.backing == Backing::record ? 1 : 0;
      }
    }
    constexpr std::size_t kFewDecimals = 4;  // of columns whose headings tell nothing: so many are a table of results
    if (decimals >= kFewDecimals && topic_ != Topic::setup) numbers += unknown;
    if (numbers == 0) return;
    const std::string text = fmt::format("{} {}", numbers, numbers == 1 ? "number" : "numbers");
    position_.go_to(passage.begin);
    found_.push_back({position_.line, position_.column, text, shown(std::string_view(prose_).substr(passage.begin, std::min(first_end - passage.begin, kLongestSentence)), kLongestSentence),
                      "a table typed by hand", backed == numbers ? Backing::record : Backing::none});
  }

  void add(std::size_t begin, std::size_t end, std::string_view why, Backing backing) {
    position_.go_to(begin);
    const std::size_t sentence_begin = sentence_.front().begin, sentence_end = sentence_.back().end;
    std::string sentence = shown(std::string_view(prose_).substr(sentence_begin, std::min(sentence_end - sentence_begin, 2 * kLongestSentence)), kLongestSentence);
    if (sentence_end - sentence_begin > kLongestSentence && sentence.size() >= kLongestSentence) sentence += " …";
    found_.push_back({position_.line, position_.column, shown(std::string_view(prose_).substr(begin, std::min(end - begin, 2 * kLongestText)), kLongestText), std::move(sentence),
                      std::string(why), backing});
  }

  static constexpr std::size_t kMostColumns = 200;

  const ProseContext& context_;
  const Lexicon lexicon_;
  const std::string prose_;
  Tokens tokens_;
  const Records records_;
  std::vector<std::string> levels_;
  Position position_;
  Outline outline_;
  Topic topic_ = Topic::none;
  bool had_heading_ = false, is_item_ = false, lead_in_expects_ = false;
  std::vector<Token> sentence_;
  std::vector<ProseNumber> found_;
};

}  // namespace

std::vector<ProseNumber> unbacked_results(std::string_view text, const ProseContext& context) {
  return ProseReader(text, context).read();
}

std::vector<Finding> findings_of(const std::vector<ProseNumber>& numbers, std::string_view file, std::size_t most) {
  std::vector<Finding> findings;
  std::size_t left_out = 0;
  for (std::size_t i = 0, next; i < numbers.size(); i = next) {
    const ProseNumber& first = numbers[i];
    std::string texts;
    for (next = i; next < numbers.size() && numbers[next].sentence == first.sentence && numbers[next].backing == first.backing; ++next) {
      texts += fmt::format("{}'{}'", next == i ? "" : ", ", numbers[next].text);
    }
    if (findings.size() >= most) {
      left_out += next - i;
      continue;
    }
    Finding finding;
    finding.severity = Severity::note;
    finding.file = file;
    finding.line = first.line;
    const bool is_one = next - i == 1;
    if (first.backing == Backing::record) {
      finding.rule = "prose.backed";
      finding.what = fmt::format("{} in \"{}\" {} in a record and {} typed by hand", texts, first.sentence, is_one ? "stands" : "stand", is_one ? "is" : "are");
      finding.remedy = "put it into an inline value, <!-- assay: value … -->…<!-- assay: end -->, so that it follows the data";
    } else {
      finding.rule = "prose.unbacked";
      finding.what = fmt::format("{} in \"{}\" {} like {}, and no record backs {}", texts, first.sentence, is_one ? "looks" : "look", is_one ? first.why : "results", is_one ? "it" : "them");
      finding.remedy = "let Assay fill it in from a run, say whose it is, or mark the paragraph <!-- assay:not-a-result -->";
    }
    findings.push_back(std::move(finding));
  }
  if (left_out > 0) {
    Finding more;
    more.severity = Severity::note;
    more.rule = "prose.unbacked";
    more.file = file;
    more.what = fmt::format("{} more {} like results", left_out, left_out == 1 ? "number looks" : "numbers look");
    more.remedy = "mend those above, then check again";
    findings.push_back(std::move(more));
  }
  return findings;
}

}  // namespace assay::reports::check
