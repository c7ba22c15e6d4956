#include "reports/check/prose_sentence.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// How much each thing that speaks for a result or against one counts. A number needs kEnough, its unit's
// base_score() included.
constexpr int kEnough = 4;
constexpr int kVerb = 2, kCopula = 1, kMetricInSentence = 1, kMetricNear = 1, kCompared = 2, kOwn = 1,
              kHeld = 1, kBehindColon = 1, kInItem = 1;
constexpr int kResultsTopic = 1, kSetupTopic = -3, kBackgroundTopic = -4, kOwnBackground = -1,
              kRelatedTopic = -4, kOwnRelated = 0;

// Distances in tokens.
constexpr std::size_t kNear = 8, kSettingBefore = 5, kSettingAfter = 3, kComparedAfter = 3,
                      kIntendedAfter = 6, kMachine = 3, kConditionAfter = 4;

std::string_view called(Dimension dimension) {
  switch (dimension) {
    case Dimension::ratio:
    case Dimension::times:
      return "a ratio";
    case Dimension::percent:
      return "a percentage";
    case Dimension::points:
      return "a difference in points";
    case Dimension::time:
      return "a time";
    case Dimension::rate:
      return "a rate";
    case Dimension::energy:
      return "an energy or a power";
    case Dimension::memory:
      return "an amount of memory";
    case Dimension::count:
      return "a count";
    case Dimension::none:
    case Dimension::setting:
      break;
  }
  return "a score";
}

Dimension dimension_of(const Token& number) {
  return number.unit ? number.unit->dimension : Dimension::none;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string without_spaces(std::string_view text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char c) { return c != ' ' && c != '\n'; });
  return kept;
}

}  // namespace

Levels::Levels(const std::vector<std::string>& texts) {
  std::transform(texts.begin(), texts.end(), std::back_inserter(texts_), without_spaces);
  std::sort(texts_.begin(), texts_.end());
}

bool Levels::contain(std::string_view text) const {
  return !texts_.empty() && std::binary_search(texts_.begin(), texts_.end(), without_spaces(text));
}

bool is_hypothesis_name(std::string_view lower) {
  const std::size_t digits = lower.starts_with("rq") ? 2 : lower.starts_with("h") ? 1 : lower.size();
  return digits < lower.size() && lower.size() <= digits + 2 &&
         lower.find_first_not_of("0123456789ab", digits) == std::string_view::npos;
}

int base_score(Dimension dimension) {
  switch (dimension) {
    case Dimension::ratio:
    case Dimension::points:
    case Dimension::rate:
      return 3;
    case Dimension::percent:
    case Dimension::energy:
    case Dimension::count:
    case Dimension::time:
      return 2;
    case Dimension::times:
    case Dimension::memory:
      return 1;
    case Dimension::none:
    case Dimension::setting:
      break;
  }
  return 0;
}

Sentence::Sentence(std::vector<Token>& tokens, std::string_view prose, const SentencePlace& place)
    : tokens_(tokens),
      prose_(prose),
      place_(place),
      clause_(tokens.size()),
      part_(tokens.size()),
      is_expected_(tokens.size()) {
  mark_pairs();
  share_units();
  read_clauses();
}

void Sentence::mark_pairs() {
  for (const RolePair& pair : kRolePairs) {
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].lower != pair.first || tokens_[i + 1].lower != pair.second) continue;
      tokens_[i].roles |= pair.roles;
      tokens_[i + 1].roles |= pair.roles;
    }
  }
}

/// "from 12.3 to 4.1 ms", "3, 5 and 7 %": a number without a unit has that of the next.
void Sentence::share_units() {
  for (std::size_t i = tokens_.size(); i-- > 0;) {
    Token& number = tokens_[i];
    if (number.kind != Token::Kind::number || number.unit || number.is_name || number.last != i) continue;
    std::size_t next = i + 1;
    while (next < tokens_.size() && next <= i + 2 && tokens_[next].is(kLink)) ++next;
    if (next == i + 1 || next == tokens_.size() || tokens_[next].kind != Token::Kind::number) continue;
    if (dimension_of(tokens_[next]) != Dimension::setting) number.unit = tokens_[next].unit;
  }
}

void Sentence::read_clauses() {
  const bool is_hypothesis =
      !tokens_.empty() && is_hypothesis_name(word(0)) && is_one_of(word(1), {":", ".", ")", "—"});
  const bool is_default = place_.topic == Topic::expectation || is_hypothesis;
  bool expects = is_default;
  int clause = 0, part = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.is(kTurn) || is_one_of(token.lower, {";", "—"})) {
      ++clause;
      ++part;
      if (!is_default) expects = false;
    } else if (token.is(kAside) || is_one_of(token.lower, {",", "(", ")", ":"})) {
      ++part;
      // "… the 80 % that we had bet on, and brought p99 down to 96 ms"
      const bool goes_on = word(i + 1) == "and" && i + 2 < tokens_.size() && tokens_[i + 2].is(kFound);
      if (goes_on && !is_default) expects = false;
    }
    is_theirs_.resize(static_cast<std::size_t>(part) + 1);
    is_cited_.resize(static_cast<std::size_t>(part) + 1);
    const bool is_mark = token.kind == Token::Kind::mark && prose_[token.begin] == kCitation;
    if (is_mark || (token.lower == "et" && word(i + 1) == "al")) {
      citations_.push_back(i);
      is_cited_.back() = true;
    }
    if (token.is(kTheirs)) is_theirs_.back() = true;
    if (token.kind == Token::Kind::word && !token.is_unit) {
      const bool is_compared = i > 0 && is_one_of(word(i - 1), {"than", "as"});  // "faster than expected"
      if (token.is(kExpected) && !is_compared) expects = true;
      if (token.is(kObserved)) expects = false;
      if (token.is(kFound)) verbs_.push_back(i);
      if (token.is(kMetric)) metrics_.push_back(i);
      if (token.is(kOurs)) is_own_ = true;
    }
    if (token.is(kIs)) copulas_.push_back(i);
    clause_[i] = clause;
    part_[i] = part;
    is_expected_[i] = expects;
  }
}

std::string_view Sentence::word(std::size_t i) const {
  return i < tokens_.size() ? tokens_[i].lower : std::string_view();
}

std::vector<SentenceResult> Sentence::results(const Levels& levels) const {
  std::vector<SentenceResult> found;
  bool was_out = false;  // the number before is a setting or a name: "experiments 1 and 2"
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.kind == Token::Kind::number) {
      const bool follows_one_out = was_out && i > 0 && tokens_[i - 1].is(kLink) && !token.unit;
      const std::size_t end = std::max(token.text_end, token.end);
      const bool is_level = levels.contain(prose_.substr(token.begin, end - token.begin));
      const std::string_view why = follows_one_out || is_level ? std::string_view() : reason(i);
      was_out = why.empty() && (!token.unit || was_out);
      if (!why.empty()) found.push_back({token.begin, end, why, &token});
    } else if (const std::size_t last = comparison_in_words(i); last > i) {
      found.push_back({token.begin, tokens_[last].end, "a comparison in words", nullptr});
      i = last;
    }
  }
  return found;
}

/// Whether one of `places` is in the clause of `i`, before it or near behind it.
bool Sentence::is_in_clause(const Places& places, std::size_t i) const {
  const auto after = std::upper_bound(places.begin(), places.end(), i);
  if (after != places.begin() && clause_[*(after - 1)] == clause_[i]) return true;
  return after != places.end() && clause_[*after] == clause_[i] && *after - i <= kNear;
}

/// Whether what stands at `i` is told as others' or as hoped for.
bool Sentence::is_told_otherwise(std::size_t i, std::size_t last) const {
  if (is_expected_[i] || (i > 0 && word(i - 1) == "not")) return true;  // "1.6×, not 3×"
  for (std::size_t k = last + 1; k < tokens_.size() && k <= last + kIntendedAfter && part_[k] == part_[i];
       ++k) {
    if (tokens_[k].is(kIntended) && !is_one_of(word(k - 1), {"than", "as"})) return true;
    if (tokens_[k].is(kObserved)) break;
  }
  const auto part = static_cast<std::size_t>(part_[i]);
  if (is_theirs_[part] || is_cited_[part]) return true;
  if (citations_.empty() || is_own_) return false;
  // In a section of results, what comes before the citation may be the author's.
  return place_.topic != Topic::results || citations_.front() < i;
}

/// Whether the number at `i` was chosen, or is part of a name.
bool Sentence::is_setting(std::size_t i) const {
  const Token& number = tokens_[i];
  const std::size_t n = tokens_.size();
  if (number.is_name || dimension_of(number) == Dimension::setting) return true;
  if (i > 0 && tokens_[i - 1].is(kMoney)) return true;
  if (number.last == i && i + 1 < n && tokens_[i + 1].is(kMoney | kMonth)) return true;
  const bool is_of_metric = number.last + 1 < n && tokens_[number.last + 1].is(kMetric | kComparative);
  if (number.is_joined && !is_of_metric) return true;
  return is_of_setting(i) || is_occasion(i) || is_before_setting(i) || is_of_machine(i);
}

/// "batch size of 64", "learning rate 1e-3", "Table 3", "March 4".
bool Sentence::is_of_setting(std::size_t i) const {
  const Token& number = tokens_[i];
  const bool may_be_label =
      !number.unit || dimension_of(number) == Dimension::ratio;  // "RTX 4090", "Section 2 x …"
  for (std::size_t k = i; k-- > 0 && i - k <= kSettingBefore;) {
    const Token& before = tokens_[k];
    if (before.is(kMetric) && !before.is(kSetting | kLabel)) return false;
    if (before.is(kFound) && !before.is(kSetting)) return false;
    if (is_one_of(before.lower, {",", ")"}) || before.kind == Token::Kind::mark ||
        before.kind == Token::Kind::number)
      return false;
    if (number.unit && is_one_of(before.lower, {"and", "or"})) return false;  // "with 2 workers and 3.6×"
    if (before.is(kLabel) && k + 1 == i && may_be_label) return true;
    if (before.is(kMonth) && !number.unit) return true;
    const bool is_of_another =
        number.unit && k > 0 && tokens_[k - 1].kind == Token::Kind::number;  // "with 8 workers 58 s"
    if (before.is(kSetting) && !is_of_another) return !is_measured_under(k, i);
    if (!before.is(kFiller)) return false;
  }
  return false;
}

/// "at 100 req/s the queue …", "for 5 minutes", and not "ends at 74 %", "the fastest with 44 tokens/s".
bool Sentence::is_occasion(std::size_t i) const {
  std::size_t behind = i;
  while (behind > 0 && tokens_[behind - 1].is(kFiller) && !tokens_[behind - 1].is(kOccasion | kSpan))
    --behind;
  if (behind == 0) return false;
  const std::size_t at = behind - 1;
  if (tokens_[at].is(kSpan) && dimension_of(tokens_[i]) == Dimension::time) return true;
  if (!tokens_[at].is(kOccasion) || tokens_[at].lower == "in") return false;
  const bool begins = at == 0 || part_[at] != part_[at - 1] || tokens_[at - 1].kind == Token::Kind::sign;
  return begins || !tokens_[at - 1].is(kFound | kComparative | kIs | kMetric);
}

/// "a 10 ms window", "95 % confidence", "10 % of the clients"; not "3 % at batch 64".
bool Sentence::is_before_setting(std::size_t i) const {
  const std::size_t last = tokens_[i].last;
  for (std::size_t k = last + 1; k < tokens_.size() && k <= last + kSettingAfter; ++k) {
    const Token& after = tokens_[k];
    if (after.kind != Token::Kind::word || after.is(kFound | kIs | kTurn)) return false;
    if (after.is(kSetting)) return !after.is(kMetric);
    if (!is_one_of(after.lower, {"of", "the", "a", "an", "all", "our"})) return false;
  }
  return false;
}

/// "needs 1.2 GB".
bool Sentence::holds_memory(std::size_t i) const {
  if (dimension_of(tokens_[i]) != Dimension::memory || place_.topic == Topic::setup) return false;
  for (std::size_t k = i; k-- > 0 && i - k <= 2 * kNear && clause_[k] == clause_[i];) {
    if (tokens_[k].is(kHolds)) return true;
  }
  return false;
}

/// "16 GB of RAM", and not "needs 1.2 GB of RAM".
bool Sentence::is_of_machine(std::size_t i) const {
  const Token& number = tokens_[i];
  if (dimension_of(number) != Dimension::memory || holds_memory(i)) return false;
  for (std::size_t k = i > kMachine ? i - kMachine : 0; k < tokens_.size() && k <= number.last + kMachine;
       ++k) {
    if (tokens_[k].is(kHardware) && clause_[k] == clause_[i]) return true;
  }
  return false;
}

/// "the accuracy with dropout was 97 %": the setting says under which condition, and the number is of the
/// metric before it.
bool Sentence::is_measured_under(std::size_t setting, std::size_t i) const {
  const auto is_copula = [](const Token& t) { return t.is(kIs) && t.kind == Token::Kind::word; };
  const auto between = [&](std::size_t from, std::size_t to, auto holds) {
    return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(from),
                       tokens_.begin() + static_cast<std::ptrdiff_t>(to), holds);
  };
  return between(setting + 1, i, is_copula) &&
         between(setting > kConditionAfter ? setting - kConditionAfter : 0, setting,
                 [](const Token& t) { return t.is(kMetric) && !t.is(kSetting); });
}

/// "2.9 times slower", "3× the throughput".
bool Sentence::is_compared_after(std::size_t last) const {
  for (std::size_t k = last + 1; k < tokens_.size() && k <= last + kComparedAfter; ++k) {
    if (is_one_of(tokens_[k].lower, {",", "."})) return false;
    if (tokens_[k].is(kComparative)) return true;
  }
  return false;
}

int Sentence::evidence_of_topic() const {
  switch (place_.topic) {
    case Topic::results:
      return kResultsTopic;
    case Topic::setup:
      return kSetupTopic;
    case Topic::background:
      return is_own_ ? kOwnBackground : kBackgroundTopic;
    case Topic::related:
      return is_own_ ? kOwnRelated : kRelatedTopic;
    case Topic::none:
    case Topic::expectation:
    case Topic::references:
      break;
  }
  return 0;
}

/// What the words around the number from `i` to `last` say for a result, and against one.
int Sentence::evidence(std::size_t i, std::size_t last) const {
  int score = evidence_of_topic();
  if (is_in_clause(verbs_, i)) score += kVerb;
  if (is_in_clause(copulas_, i)) score += kCopula;
  if (!metrics_.empty()) score += kMetricInSentence;
  for (std::size_t k = i > kNear ? i - kNear : 0; k < tokens_.size() && k <= i + kNear; ++k) {
    if (!tokens_[k].is(kMetric) || tokens_[k].is_unit || clause_[k] != clause_[i]) continue;
    score += kMetricNear;
    break;
  }
  if (is_compared_after(last)) score += kCompared;
  if (is_own_) score += kOwn;
  if (holds_memory(i)) score += kHeld;
  if (i > 0 && is_one_of(word(i - 1), {":", "→", "(", "=", "+", "−"}))
    score += kBehindColon + (place_.in_item ? kInItem : 0);
  return score;
}

/// Why the number at `i` looks like a result; empty if it doesn't.
std::string_view Sentence::reason(std::size_t i) const {
  const Token& number = tokens_[i];
  if (is_setting(i) || is_told_otherwise(i, number.last)) return {};
  if (i > 0 && word(i - 1) == "±") return {};  // part of the number before
  if (!number.unit) return reason_without_unit(i);
  const Dimension dimension = dimension_of(number);
  if (dimension == Dimension::times && !is_compared_after(number.last)) return {};  // "ran 10 times"
  return base_score(dimension) + evidence(i, number.last) < kEnough ? std::string_view() : called(dimension);
}

/// "an accuracy of 0.973", "perplexity rose from 5.68 to 5.91", "a 0.82 F1", "p = 0.003", "gets 41.2".
std::string_view Sentence::reason_without_unit(std::size_t i) const {
  const Token& number = tokens_[i];
  if (i >= 2 && word(i - 1) == "=" && word(i - 2) == "p") return "a p-value";
  if (i > 0 && word(i - 1) == "<") return {};
  const bool is_whole = number.decimals == 0;
  const bool has_next = i + 1 < tokens_.size();
  const bool counts =
      has_next && tokens_[i + 1].kind == Token::Kind::word &&
      !tokens_[i + 1].is(kFiller | kLink | kTurn | kAside | kScore | kFound | kOccasion | kSpan);
  if (is_whole && counts) return {};
  bool has_score = has_next && tokens_[i + 1].is(kScore);
  const std::size_t reach = is_whole ? kNear : 2 * kNear;
  for (std::size_t k = i; !has_score && k-- > 0 && i - k <= reach && clause_[k] == clause_[i];) {
    const Token& before = tokens_[k];
    has_score = before.is(kScore);
    if (!has_score && before.is(kSetting)) break;
    if (is_whole && before.kind == Token::Kind::word && !before.is(kFiller | kFound)) break;
  }
  const bool is_object = i > 0 && tokens_[i - 1].is(kFound) && !tokens_[i - 1].is(kIs);
  if (!has_score && !is_object) return {};
  const int base = is_whole ? 1 : 2;  // a whole number counts things more often
  return base + evidence(i, i) < kEnough ? std::string_view() : called(Dimension::none);
}

/// The last token of a comparison without digits that begins at `i`, "twice as fast"; `i` if there is none.
std::size_t Sentence::comparison_in_words(std::size_t i) const {
  const std::size_t last = words_of_comparison(i);
  if (last == i || is_told_otherwise(i, last)) return i;
  const bool is_others = place_.topic == Topic::background || place_.topic == Topic::related;
  return place_.topic == Topic::setup || (is_others && !is_own_) ? i : last;
}

/// The first word that compares or is compared, among `most` from `from`; kNone if there is none.
std::size_t Sentence::find_compared(std::size_t from, std::size_t most) const {
  for (std::size_t k = from; k < tokens_.size() && k < from + most; ++k) {
    if (tokens_[k].lower == "," || tokens_[k].kind == Token::Kind::number) break;
    if (tokens_[k].is(kMetric | kComparative) && !tokens_[k].is(kSetting)) return k;
  }
  return kNone;
}

std::size_t Sentence::words_of_comparison(std::size_t i) const {
  const Token& token = tokens_[i];
  if (token.kind != Token::Kind::word || token.is_unit) return i;
  if (is_one_of(token.lower, {"order", "orders"}) && word(i + 1) == "of" && word(i + 2) == "magnitude")
    return i + 2;
  if (token.is(kMultiple)) {  // "twice as fast"
    const std::size_t compared = find_compared(i + 1, 4);
    return compared == kNone ? i : compared;
  }
  if (token.is(kCount) && is_one_of(word(i + 1), {"times", "fold"})) {  // "three times slower"
    const std::size_t compared = find_compared(i + 2, 3);
    return compared == kNone ? i : compared;
  }
  if (token.is(kMultiplies)) {  // "halved the time", "the time halved", and not "halved the batch size"
    const std::size_t n = tokens_.size();
    for (std::size_t k = i > 3 ? i - 3 : 0; k < n && k < i + 5; ++k) {
      if (tokens_[k].is(kSetting)) return i;
    }
    const std::size_t compared = find_compared(i + 1, 4);
    if (compared != kNone) return compared;
    const bool is_of_metric = !metrics_.empty() && metrics_.front() < i;
    return is_of_metric && i + 1 < n ? i + 1 : i;
  }
  if (token.is(kFraction) && is_fraction_of_metric(i)) return std::min(i + 1, tokens_.size() - 1);
  return i;
}

/// "fell by a tenth", "a quarter off p99", "a fifth more energy", "less than half".
bool Sentence::is_fraction_of_metric(std::size_t i) const {
  if (i == 0) return false;
  const std::string_view before = word(i - 1), after = word(i + 1);
  if (before == "than" && word(i) == "half") return is_in_clause(verbs_, i) || is_in_clause(copulas_, i);
  if (metrics_.empty() || !is_in_clause(verbs_, i)) return false;
  const bool is_amount =
      word(i) == "half" || is_one_of(before, {"a", "one", "two", "three", "by", "than", "another"});
  return is_amount && (is_one_of(before, {"by", "than"}) ||
                       is_one_of(after, {"of", "off", "more", "less", "fewer", "the", "as"}));
}

}  // namespace assay::reports::check
