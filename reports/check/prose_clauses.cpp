#include "reports/check/prose_clauses.hpp"

#include <algorithm>

#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

namespace {

constexpr std::size_t kIntendedAfter = 6;  // tokens

bool is_past(const Token& verb) {
  const bool is_regular = verb.lower.ends_with("ed") && verb.lower.size() > 4;
  return is_regular ||
         is_one_of(verb.lower, {"was",  "were", "had",  "did",     "took",  "got",  "gave",  "went",  "fell",
                                "rose", "grew", "came", "saw",     "found", "lost", "won",   "kept",  "made",
                                "drew", "sank", "ran",  "brought", "left",  "ate",  "spent", "showed"});
}

bool is_present(const Token& verb) {
  return is_one_of(verb.lower, {"is", "are", "has", "have", "does", "do"}) ||
         (verb.is(kFound | kChosen) && verb.lower.ends_with("s") && !verb.is(kMetric));
}

}  // namespace

bool is_hypothesis_name(std::string_view lower) {
  const std::size_t digits = lower.starts_with("rq") ? 2 : lower.starts_with("h") ? 1 : lower.size();
  return digits < lower.size() && lower.size() <= digits + 2 &&
         lower.find_first_not_of("0123456789ab", digits) == std::string_view::npos;
}

Clauses::Clauses(std::vector<Token>& tokens, std::string_view prose, const SentencePlace& place)
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

std::string_view Clauses::word(std::size_t i) const {
  return i < tokens_.size() ? tokens_[i].lower : std::string_view();
}

void Clauses::mark_pairs() {
  for (const RolePair& pair : kRolePairs) {
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].lower != pair.first || tokens_[i + 1].lower != pair.second) continue;
      tokens_[i].roles |= pair.roles;
      tokens_[i + 1].roles |= pair.roles;
    }
  }
}

/// "from 12.3 to 4.1 ms", "3, 5 and 7 %": a number without a unit has that of the next.
void Clauses::share_units() {
  for (std::size_t i = tokens_.size(); i-- > 0;) {
    Token& number = tokens_[i];
    if (number.kind != Token::Kind::number || number.unit || number.is_name || number.last != i) continue;
    std::size_t next = i + 1;
    while (next < tokens_.size() && next <= i + 2 && tokens_[next].is(kLink)) ++next;
    if (next == i + 1 || next == tokens_.size() || tokens_[next].kind != Token::Kind::number) continue;
    if (is_level_of_confidence(next)) continue;
    const bool is_named = i > 0 && tokens_[i - 1].is(kSetting | kLabel | kProcedure);  // "batch 8, 12 ms"
    if (is_named && tokens_[i + 1].lower == ",") continue;
    number.unit = tokens_[next].unit;
  }
}

/// "95 % CI", which is no part of what stands before it.
bool Clauses::is_level_of_confidence(std::size_t i) const {
  const std::size_t next = tokens_[i].last + 1;
  return next < tokens_.size() && tokens_[i].unit && tokens_[i].unit->dimension == Dimension::percent &&
         (is_one_of(word(next), {"ci", "cis", "confidence", "credible", "interval", "intervals"}) ||
          is_one_of(word(next + 1), {"ci", "cis", "confidence", "interval", "intervals"}));
}

void Clauses::read_clauses() {
  const bool is_hypothesis =
      !tokens_.empty() && is_hypothesis_name(word(0)) && is_one_of(word(1), {":", ".", ")", "—"});
  const bool is_default = place_.topic == Topic::expectation || is_hypothesis;
  bool expects = is_default;
  int clause = 0, part = 0;
  is_theirs_.resize(1);
  is_cited_.resize(1);
  is_modal_.resize(1);
  clause_roles_.resize(1);
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
    is_modal_.resize(static_cast<std::size_t>(part) + 1);
    clause_roles_.resize(static_cast<std::size_t>(clause) + 1);
    const bool is_mark = token.kind == Token::Kind::mark && prose_[token.begin] == kCitation;
    if (is_mark || (token.lower == "et" && word(i + 1) == "al")) {
      citations_.push_back(i);
      is_cited_.back() = true;
    }
    if (token.is(kTheirs)) is_theirs_.back() = true;
    if (token.is(kModal)) is_modal_.back() = true;
    if (token.kind == Token::Kind::number) {
      ++numbers_;
      const Dimension dimension = token.unit ? token.unit->dimension : Dimension::none;
      has_unit_ |= dimension == Dimension::time || dimension == Dimension::rate ||
                   dimension == Dimension::energy || dimension == Dimension::score;
      decimals_ += token.decimals > 0 ? 1 : 0;
    }
    if (token.kind != Token::Kind::number && !token.is_unit) {
      const bool is_compared = i > 0 && is_one_of(word(i - 1), {"than", "as"});  // "faster than expected"
      if (token.is(kExpected) && !is_compared) expects = true;
      if (token.is(kObserved)) expects = false;
      if (token.is(kOurs)) is_own_ = true;
      has_past_ |= is_past(token);
      has_present_ |= is_present(token);
      clause_roles_.back() |= token.roles;
      sentence_roles_ |= token.roles;
    }
    clause_[i] = clause;
    part_[i] = part;
    is_expected_[i] = expects;
  }
}

std::vector<NumberGroup> Clauses::groups() const {
  std::vector<NumberGroup> groups;
  const auto dimension = [&](std::size_t i) {
    return tokens_[i].unit ? tokens_[i].unit->dimension : Dimension::none;
  };
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != Token::Kind::number || tokens_[i].is_name) continue;
    bool is_joined = false, is_range = false;
    if (!groups.empty()) {
      const std::size_t before = groups.back().last();
      const std::size_t behind = tokens_[before].last + 1;
      const bool is_time = dimension(i) == Dimension::time;  // "2 h 50 min"
      is_joined = (behind < i || (behind == i && is_time)) && i - behind <= 2 &&
                  dimension(before) == dimension(i) && !tokens_[before].is_name;
      for (std::size_t k = behind; k < i && is_joined; ++k) is_joined = tokens_[k].is(kLink);
      is_joined &= !is_level_of_confidence(i);
      is_range = is_joined && is_one_of(word(behind), {"to", "-", "–", "—", "→"});
    }
    if (!is_joined) groups.emplace_back();
    groups.back().numbers.push_back(i);
    groups.back().is_range |= is_range;
  }
  return groups;
}

bool Clauses::is_intended(std::size_t i, std::size_t last) const {
  for (std::size_t k = last + 1; k < tokens_.size() && k <= last + kIntendedAfter && part_[k] == part_[i];
       ++k) {
    if (tokens_[k].is(kIntended) && !is_one_of(word(k - 1), {"than", "as"})) return true;
    if (tokens_[k].is(kObserved)) break;
  }
  return false;
}

bool Clauses::is_quoted(std::size_t i) const {
  if (is_cited(i)) return true;
  if (citations_.empty() || is_own_) return false;
  // In a section of results, what comes before the citation may be the author's.
  return place_.topic != Topic::results || citations_.front() < i;
}

bool Clauses::is_told_otherwise(std::size_t i, std::size_t last) const {
  if (is_expected_[i] || is_modal(i) || (i > 0 && word(i - 1) == "not")) return true;  // "1.6×, not 3×"
  return is_intended(i, last) || is_theirs(i) || is_quoted(i);
}

}  // namespace assay::reports::check
