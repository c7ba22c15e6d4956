#include "reports/check/prose_comparison.hpp"

#include <algorithm>

namespace assay::reports::check {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The first word that compares or is compared, among `most` from `from`; kNone if there is none.
std::size_t find_compared(const Clauses& s, std::size_t from, std::size_t most) {
  for (std::size_t k = from; k < s.size() && k < from + most; ++k) {
    const Token& token = s.tokens()[k];
    if (token.lower == "," || token.kind == Token::Kind::number) break;
    if (token.is(kComparative) || (token.is(kMetric) && !token.is(kSetting | kHardware))) return k;
    if (token.lower == "than" || token.lower == "as") return k;
  }
  return kNone;
}

bool is_metric_before(const Clauses& s, std::size_t i) {
  for (std::size_t k = i; k-- > 0 && s.clause(k) == s.clause(i);) {
    if (s.tokens()[k].is(kMetric) && !s.tokens()[k].is_unit) return true;
  }
  return false;
}

/// "fell by a tenth", "a quarter off p99", "a fifth more energy", "less than half", "about half the
/// throughput".
bool is_fraction_of_metric(const Clauses& s, std::size_t i) {
  if (i == 0) return false;
  const std::string_view before = s.word(i - 1), after = s.word(i + 1);
  const bool is_half = s.word(i) == "half";
  const bool is_amount = is_half || is_one_of(before, {"a", "one", "two", "three", "by", "than", "another"});
  if (!is_amount || (s.roles_of_clause(i) & (kFound | kIs | kComparative)) == 0) return false;
  if (is_half && (before == "than" || s.tokens()[i - 1].is(kApprox))) return true;
  const bool is_compared = i + 1 < s.size() && s.tokens()[i + 1].is(kComparative);
  if (is_compared || after == "off") return true;
  const bool is_measured = find_compared(s, i + 1, 5) != kNone || is_metric_before(s, i);
  if (before == "by" || (i > 1 && s.word(i - 2) == "by")) return is_measured;
  return is_measured && (is_one_of(after, {"of", "the", "as", "that"}) || before == "than");
}

/// "two of five seeds", "three of the 12 programs".
std::size_t share_in_words(const Clauses& s, std::size_t i) {
  if (s.word(i + 1) != "of") return kNone;
  std::size_t k = i + 2;
  while (is_one_of(s.word(k), {"the", "our", "all"})) ++k;
  if (k >= s.size()) return kNone;
  const Token& whole = s.tokens()[k];
  const bool counts = whole.is(kCount) || whole.kind == Token::Kind::number;
  const bool is_told = s.place().topic == Topic::results || s.place().topic == Topic::limits;
  const bool is_found = (s.roles_of_clause(i) & (kFound | kIs)) != 0 && (s.roles_of_clause(i) & kChosen) == 0;
  return counts && is_told && is_found ? k : kNone;
}

/// The last token of what begins at `i`; kNone if nothing does.
std::size_t last_of_comparison(const Clauses& s, std::size_t i) {
  const Token& token = s.tokens()[i];
  if (token.kind != Token::Kind::word || token.is_unit) return kNone;
  if (is_one_of(token.lower, {"order", "orders"}) && s.word(i + 1) == "of" &&
      is_one_of(s.word(i + 2), {"magnitude", "magnitudes"}))
    return i + 2;
  if (token.is(kMultiple)) {  // "twice as fast", "drops eightfold", "more than double"
    const std::size_t compared = find_compared(s, i + 1, 4);
    if (compared != kNone) return compared;
    const bool is_behind =
        i > 0 && (s.tokens()[i - 1].is(kFound | kComparative | kBound) || s.word(i - 1) == "than");
    return is_behind && is_metric_before(s, i) ? i : kNone;
  }
  if (token.is(kCount) && is_one_of(s.word(i + 1), {"times", "fold"})) return find_compared(s, i + 2, 3);
  if (token.is(kMultiplies)) {  // "halved the time", "the time halved", and not "halved the batch size"
    for (std::size_t k = i > 3 ? i - 3 : 0; k < s.size() && k < i + 5; ++k) {
      if (s.tokens()[k].is(kSetting | kProcedure) && !s.tokens()[k].is(kMetric)) return kNone;
    }
    const std::size_t compared = find_compared(s, i + 1, 4);
    if (compared != kNone) return compared;
    return is_metric_before(s, i) ? i : kNone;
  }
  if (token.is(kFraction) && is_fraction_of_metric(s, i)) return std::min(i + 1, s.size() - 1);
  if (token.is(kCount)) return share_in_words(s, i);
  return kNone;
}

}  // namespace

std::size_t comparison_in_words(const Clauses& s, std::size_t i) {
  std::size_t last = last_of_comparison(s, i);
  if (last == kNone || s.is_told_otherwise(i, last)) return 0;
  // "twice as fast"
  if (is_one_of(s.word(last), {"as", "than"}) && last + 1 < s.size() && s.tokens()[last].lower == "as")
    ++last;
  const Topic topic = s.place().topic;
  const bool is_others = topic == Topic::background || topic == Topic::related;
  return topic == Topic::setup || (is_others && !s.is_own()) ? 0 : last + 1 - i;
}

}  // namespace assay::reports::check
