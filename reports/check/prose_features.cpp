#include "reports/check/prose_features.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

namespace {

struct Row {
  std::string_view name;
  double weight;
};
constexpr Row kRows[] = {
#define PROSE_FEATURE(name, weight, says) {#name, weight},
#include "reports/check/prose_features.def"
#undef PROSE_FEATURE
};

// Distances in tokens.
constexpr std::size_t kNear = 4, kFar = 12, kBehind = 2, kAround = 5;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

class Reader {
public:
  Reader(const Clauses& sentence, const NumberGroup& group)
      : s_(sentence), group_(group), first_(group.first()), end_(s_.tokens()[group.last()].last + 1) {}

  Features read() {
    f_.set(F::base);
    read_unit();
    read_digits();
    read_lead();
    read_behind();
    read_around();
    read_head();
    read_sentence();
    read_topic();
    combine();
    return f_;
  }

private:
  using F = Feature;
  const Token& at(std::size_t i) const { return s_.tokens()[i]; }
  const Token& number() const { return at(first_); }

  void read_unit() {
    const Unit* unit = number().unit;
    if (!unit) return f_.set(is_decimal() ? F::no_unit_decimal : F::no_unit);
    switch (unit->dimension) {
      case Dimension::none: break;
      case Dimension::ratio: f_.set(F::ratio); break;
      case Dimension::times: f_.set(F::times); break;
      case Dimension::percent: f_.set(F::percent); break;
      case Dimension::points: f_.set(F::points); break;
      case Dimension::time:
        f_.set(unit->scale < 1 ? F::short_time : unit->scale > 1 ? F::long_time : F::seconds);
        break;
      case Dimension::rate: f_.set(F::rate); break;
      case Dimension::energy: f_.set(F::energy); break;
      case Dimension::memory: f_.set(F::memory); break;
      case Dimension::count: f_.set(F::events); break;
      case Dimension::score: f_.set(F::score); break;
      case Dimension::temperature: f_.set(F::warmth); break;
      case Dimension::money: f_.set(F::money); break;
      case Dimension::calendar: f_.set(F::days); break;
      case Dimension::thing: f_.set(F::things); break;
      case Dimension::property: f_.set(F::property); break;
    }
  }

  bool is_decimal() const {
    return std::any_of(group_.numbers.begin(), group_.numbers.end(),
                       [&](std::size_t i) { return at(i).decimals > 0; });
  }

  void read_digits() {
    int decimals = 0, digits = 0;
    bool is_round = true, is_power = true;
    for (const std::size_t i : group_.numbers) {
      const Token& n = at(i);
      decimals = std::max(decimals, n.decimals);
      double value = std::abs(n.value);  // without trailing zeros
      while (n.decimals == 0 && value >= 10 && std::fmod(value, 10) == 0) value /= 10;
      const int significant = value < 10 ? 1 : value < 100 ? 2 : 3;
      digits = std::max(digits, n.decimals > 0 ? n.digits : significant);
      const bool is_small = n.value < 10;
      is_round &= n.decimals == 0 && !is_small && (significant == 1 || value == 15 || value == 25 || value == 12);
      const double log = n.value >= 8 ? std::log2(n.value) : 0.5;
      is_power &= log == std::floor(log);
      f_.set(F::joined, n.is_joined);
      f_.set(F::exponent, n.text.find_first_of("eE") != std::string_view::npos && n.value != 0);
    }
    f_.set(F::one_decimal, decimals == 1);
    f_.set(F::two_decimals, decimals == 2);
    f_.set(F::more_decimals, decimals > 2);
    f_.set(F::three_digits, digits >= 3);
    f_.set(F::two_digits, digits == 2 && decimals == 0);
    f_.set(number().unit ? F::round_with_unit : F::round, is_round);
    f_.set(number().unit ? F::power_with_unit : F::power_of_two, is_power);
    f_.set(number().unit ? F::small_with_unit : F::small, decimals == 0 && number().value < 10);
    f_.set(F::large, decimals == 0 && number().value >= 1000);
    f_.set(F::year, !number().unit && decimals == 0 && number().value >= 1900 && number().value < 2100);
    f_.set(F::several, group_.numbers.size() > 1);
    f_.set(F::range, group_.is_range);
    f_.set(F::plus_minus, s_.word(end_) == "±" || (first_ > 0 && s_.word(first_ - 1) == "±"));
  }

  /// What leads to the number, over "about", "only", "the" and the like.
  void read_lead() {
    std::size_t i = first_;
    while (i > 0 && s_.clause(i - 1) == s_.clause(first_)) {
      const Token& before = at(i - 1);
      if (before.is_unit) break;
      const bool is_sign = is_one_of(before.lower, {"+", "-", "−", "±", "[", "(", "=", ":"});
      if (before.is(kApprox)) {
        f_.set(F::approximate);
      } else if (before.is(kMerely)) {
        f_.set(F::merely);
      } else if (before.is(kBound) && !is_one_of(before.lower, {"than"})) {
        const bool is_little = i > 1 && is_one_of(s_.word(i - 2), {"little", "bit", "just", "well", "tad"});
        f_.set(is_little ? F::approximate : is_one_of(before.lower, {"most", "within", "over", "above", "beyond", "up-to", "up"}) ? F::reach : F::bound);
      } else if (before.is(kArticle)) {
        f_.set(F::article);
      } else if (is_one_of(before.lower, {"+", "-", "−"})) {
        f_.set(F::is_signed);
      } else if (before.lower == "[") {
        f_.set(F::bracket);
      } else if (!is_sign || !is_one_of(before.lower, {"±"})) {
        break;
      }
      if (first_ - i > kAround) break;
      --i;
    }
    if (i == 0) return f_.set(F::begins);
    const Token& lead = at(i - 1);
    lead_ = i - 1;
    const std::string_view word = lead.lower;
    if (lead.kind == Token::Kind::number || lead.is_unit) return f_.set(F::after_number);
    if (lead.kind == Token::Kind::mark) return f_.set(F::after_mark);
    if (word == "to") f_.set(F::to);
    else if (word == "from") f_.set(F::from);
    else if (word == "by") f_.set(F::by);
    else if (word == "of") f_.set(F::of);
    else if (word == "at") f_.set(F::at);
    else if (word == "for") f_.set(F::for_);
    else if (word == "with" || word == "using" || word == "without") f_.set(F::with);
    else if (is_one_of(word, {"in", "on", "into", "across", "between"})) f_.set(F::in);
    else if (is_one_of(word, {"every", "per", "each", "/"})) f_.set(F::every);
    else if (is_one_of(word, {"after", "during", "until", "before", "when", "once", "since"})) f_.set(F::after);
    else if (word == "than") f_.set(F::than);
    else if (is_one_of(word, {"and", "or", "but", ",", ";", "resp"})) f_.set(F::listed);
    else if (is_one_of(word, {"vs", "against", "versus", "as"})) f_.set(F::against);
    else if (lead.is(kIs)) f_.set(F::is);
    else if (word == ":") f_.set(F::colon);
    else if (is_one_of(word, {"=", "≈", "@"})) f_.set(F::equals);
    else if (word == "→" || word == ">") f_.set(F::arrow);
    else if (word == "(") f_.set(F::parenthesis);
    else if (is_one_of(word, {"<", "≤", "≥"})) f_.set(F::bound);
    else if (lead.kind == Token::Kind::sign) f_.set(F::other_sign);
    else if (lead.is(kFound) && !lead.is(kMetric | kChosen)) f_.set(F::found_leads);
    else if (lead.is(kLabel) && !number().unit) f_.set(F::label_leads);
    else if (lead.is(kSetting)) f_.set(F::setting_leads);
    else if (lead.is(kMetric)) f_.set(F::metric_leads);
    else if (lead.is(kChosen)) f_.set(F::choice_leads);
    else if (lead.is(kProcedure | kCorpus | kHardware)) f_.set(F::thing_leads);
    else f_.set(F::word_leads);
    f_.set(F::listed_with_and, i > 1 && is_one_of(word, {"and", "or"}) && number().unit == nullptr);
    // What leads to the preposition: "a peak of", "limited to", "batch of"
    if (lead.is(kPreposition) && i > 1) {
      const Token& head = at(i - 2);
      f_.set(F::metric_to_it, head.is(kMetric) && !head.is(kSetting));
      f_.set(F::setting_to_it, head.is(kSetting | kProcedure | kLimit) && !head.is(kMetric));
      f_.set(F::found_to_it, head.is(kFound) && !head.is(kChosen));
      f_.set(F::choice_to_it, head.is(kChosen) && !head.is(kFound));
      f_.set(F::corpus_to_it, head.is(kCorpus | kHardware) && !head.is(kMetric));
      f_.set(F::condition_begins, is_one_of(word, {"at", "with", "for", "in", "after", "on"}) &&
                                      (i == 2 ? false : s_.part(i - 1) != s_.part(i - 2)));
    }
    f_.set(F::condition_begins, i == 1 && lead.is(kPreposition));
  }

  /// What follows it.
  void read_behind() {
    if (end_ >= s_.size()) return f_.set(F::ends);
    const Token& next = at(end_);
    if (next.lower == "." || next.lower == ";") f_.set(F::ends);
    f_.set(F::comma_behind, next.lower == ",");
    f_.set(F::closed_behind, next.lower == ")");
    f_.set(F::open_behind, next.lower == "(");
    f_.set(F::colon_behind, next.lower == ":" || next.lower == "=");
    f_.set(F::of_behind, next.lower == "of");
    std::size_t whole = end_ + 1;
    while (is_one_of(s_.word(whole), {"the", "our", "all", "its"})) ++whole;
    f_.set(F::of_number_behind, next.lower == "of" && !number().unit && whole < s_.size() &&
                                    (at(whole).kind == Token::Kind::number || at(whole).is(kCount)));
    f_.set(F::per_behind, is_one_of(next.lower, {"per", "/", "a", "an", "each"}));
    f_.set(F::condition_behind, is_one_of(next.lower, {"at", "with", "for", "on", "in", "when", "after", "under",
                                                       "without", "if", "once", "before"}));
    f_.set(F::against_behind, is_one_of(next.lower, {"vs", "against", "versus", "instead", "compared", "rather", "to"}));
    f_.set(F::is_behind, next.is(kIs));
    f_.set(F::found_behind, next.is(kFound) && !next.is(kMetric | kIs));
    f_.set(F::mark_behind, next.kind == Token::Kind::mark);
    for (std::size_t k = end_; k < s_.size() && k < end_ + 3; ++k) {
      if (is_one_of(at(k).lower, {",", ".", "(", ")", ";", "and", "but"}) || at(k).kind == Token::Kind::number) break;
      f_.set(F::compared_behind, at(k).is(kComparative) || s_.word(k + 1) == "than");
    }
    if (next.kind != Token::Kind::word) return;
    std::size_t nouns = 0;
    for (std::size_t k = end_; k < s_.size() && nouns < kBehind; ++k) {
      const Token& after = at(k);
      if (after.kind != Token::Kind::word || after.is(kIs | kTurn | kLink)) break;
      if (after.is(kPreposition)) {
        if (after.lower != "of" || k != end_) break;
        continue;
      }
      if (after.is(kArticle)) continue;
      ++nouns;
      f_.set(F::metric_behind, after.is(kMetric) && !after.is(kSetting));
      f_.set(F::setting_behind, after.is(kSetting) && !after.is(kMetric));
      f_.set(F::either_behind, after.is(kSetting) && after.is(kMetric));
      f_.set(F::procedure_behind, after.is(kProcedure) && !after.is(kMetric));
      f_.set(F::corpus_behind, after.is(kCorpus));
      f_.set(F::hardware_behind, after.is(kHardware));
      f_.set(F::limit_behind, after.is(kLimit));
      f_.set(F::spread_behind, after.is(kSpread));
      f_.set(F::month_behind, after.is(kMonth) && !number().unit);
    }
    constexpr std::uint64_t kGrammar = kPreposition | kLink | kTurn | kAside | kIs | kMerely | kFound | kComparative | kNot | kWhen | kModal | kOurs | kApprox | kMetric;
    f_.set(number().unit ? F::word_behind : F::noun_behind, !next.is(kGrammar));
  }

  void read_around() {
    for (std::size_t k = first_; k-- > 0 && first_ - k <= kFar && s_.clause(k) == s_.clause(first_);) {
      const Token& t = at(k);
      if (t.is_unit || t.kind == Token::Kind::number) continue;
      const bool is_near = first_ - k <= kNear;
      f_.set(is_near ? F::metric_near : F::metric_far, t.is(kMetric) && !t.is(kSetting | kHardware));
      f_.set(F::score_before, t.is(kScore) && first_ - k <= 8);
      f_.set(is_near ? F::setting_near : F::setting_far, t.is(kSetting) && !t.is(kMetric));
      f_.set(is_near ? F::found_near : F::found_far, t.is(kFound) && !t.is(kChosen));
      f_.set(is_near ? F::choice_near : F::choice_far, t.is(kChosen) && !t.is(kFound));
      f_.set(F::either_verb, t.is(kChosen) && t.is(kFound));
      f_.set(is_near ? F::is_near : F::is_far, t.is(kIs));
      f_.set(F::procedure_before, t.is(kProcedure) && first_ - k <= kAround && !t.is(kMetric));
      f_.set(F::corpus_before, t.is(kCorpus) && first_ - k <= kAround);
      f_.set(F::hardware_before, t.is(kHardware) && first_ - k <= kAround);
      f_.set(F::limit_before, t.is(kLimit) && first_ - k <= kAround);
      f_.set(F::spread_before, t.is(kSpread) && first_ - k <= kAround);
      f_.set(F::label_before, t.is(kLabel) && first_ - k == 1 && !number().unit);
      f_.set(F::month_before, t.is(kMonth) && first_ - k <= 2 && !number().unit);
      f_.set(F::holds, t.is(kHolds) && number().unit && number().unit->dimension == Dimension::memory);
      f_.set(F::not_before, t.is(kNot) && first_ - k <= 3);
      f_.set(F::p_value, t.lower == "p" && first_ - k <= 3);
      f_.set(F::p_equals, t.lower == "p" && first_ - k == 2 && s_.word(first_ - 1) == "=");
      f_.set(F::modal_before, t.is(kModal));
    }
    for (std::size_t k = end_; k < s_.size() && k < end_ + kAround && s_.clause(k) == s_.clause(first_); ++k) {
      const Token& t = at(k);
      if (t.is_unit) continue;
      f_.set(F::hardware_after, t.is(kHardware));
      f_.set(F::found_after, t.is(kFound) && !t.is(kChosen | kMetric));
      f_.set(F::choice_after, t.is(kChosen) && !t.is(kFound));
      f_.set(F::metric_after, t.is(kMetric) && !t.is(kSetting));
      f_.set(F::modal_after, t.is(kModal));
    }
    std::size_t open = 0;
    for (std::size_t k = first_; k-- > 0 && first_ - k <= 2 * kFar;) {
      if (s_.word(k) == ")") break;
      if (s_.word(k) == "(") { open = 1; break; }
    }
    f_.set(F::in_parentheses, open > 0);
  }

  /// The noun that the part, or the clause, begins with: "the batch size of the small model is 64".
  void read_head() {
    std::size_t begin = first_;
    while (begin > 0 && s_.clause(begin - 1) == s_.clause(first_)) --begin;
    if (first_ - begin > 2 * kFar) return;
    const Token* head = nullptr;
    for (std::size_t k = begin; k < first_; ++k) {
      const Token& t = at(k);
      const bool ends = t.is(kPreposition | kIs | kModal) || t.kind == Token::Kind::sign ||
                        (t.is(kFound | kChosen) && !t.is(kMetric | kSetting | kCorpus | kProcedure));
      if (ends && head) break;
      if (!ends && t.kind == Token::Kind::word && !t.is(kArticle | kTurn | kLink | kWhen | kAside)) head = &t;
    }
    if (!head) return;
    f_.set(F::head_metric, head->is(kMetric) && !head->is(kSetting | kCorpus));
    f_.set(F::head_setting, head->is(kSetting | kProcedure) && !head->is(kMetric));
    f_.set(F::head_corpus, head->is(kCorpus) && !head->is(kMetric | kSetting));
    f_.set(F::head_hardware, head->is(kHardware) && !head->is(kMetric));
    f_.set(F::head_limit, head->is(kLimit | kExpected));
    f_.set(F::head_ours, head->is(kOurs));
    f_.set(F::head_name, head->roles == 0 && !head->text.empty() && is_upper(head->text.front()) && head != &at(0));
  }

  void read_sentence() {
    const std::size_t last = end_ - 1;
    f_.set(F::expected, s_.is_expected(first_));
    f_.set(F::modal_part, s_.is_modal(first_));
    f_.set(F::intended, s_.is_intended(first_, last));
    f_.set(F::theirs, s_.is_theirs(first_));
    f_.set(F::cited_before, s_.is_cited_before(first_));
    f_.set(F::cited_behind, s_.is_cited_behind(first_));
    f_.set(F::own, s_.is_own());
    const std::uint64_t roles = s_.roles(), clause = s_.roles_of_clause(first_);
    f_.set(F::observed, (roles & kObserved) != 0);
    f_.set(F::found_in_clause, (clause & kFound) != 0);
    f_.set(F::choice_in_clause, (clause & kChosen) != 0);
    f_.set(F::metric_in_sentence, (roles & kMetric) != 0);
    f_.set(F::comparative_in_clause, (clause & kComparative) != 0);
    f_.set(F::modal, (clause & kModal) != 0);
    f_.set(F::theirs_in_sentence, (roles & kTheirs) != 0);
    f_.set(F::procedure_in_sentence, (roles & kProcedure) != 0);
    f_.set(F::setting_in_sentence, (roles & kSetting) != 0);
    f_.set(F::hardware_in_sentence, (roles & kHardware) != 0);
    f_.set(F::corpus_in_sentence, (roles & kCorpus) != 0);
    f_.set(F::no_verb, (roles & (kFound | kIs | kChosen | kExpected | kModal)) == 0);
    f_.set(F::past, s_.has_past());
    f_.set(F::present, s_.has_present());
    f_.set(F::if_, s_.word(0) == "if" || s_.word(0) == "to");
    f_.set(F::other_decimals, s_.decimals() > (is_decimal() ? group_.numbers.size() : 0));
    f_.set(F::many_numbers, s_.numbers() >= 5);
    f_.set(F::one_number, s_.numbers() == group_.numbers.size());
    f_.set(F::in_item, s_.place().in_item);
    f_.set(F::in_plan, s_.place().in_plan);
    f_.set(F::hypothesis, is_hypothesis_name(s_.word(0)));
    f_.set(F::short_sentence, s_.size() <= 8);
  }

  void read_topic() {
    switch (s_.place().topic) {
      case Topic::none: break;
      case Topic::results: f_.set(F::results_topic); break;
      case Topic::setup: f_.set(F::setup_topic); break;
      case Topic::expectation: f_.set(F::expectation_topic); break;
      case Topic::background: f_.set(F::background_topic); break;
      case Topic::related: f_.set(F::related_topic); break;
      case Topic::limits: f_.set(F::limits_topic); break;
      case Topic::references: break;
    }
  }

  /// What two of them say together, and neither alone.
  void combine() {
    const bool is_measure = f_.has(F::ratio) || f_.has(F::points) || f_.has(F::rate) || f_.has(F::energy);
    const bool is_time = f_.has(F::short_time) || f_.has(F::seconds) || f_.has(F::long_time);
    const bool is_open = f_.has(F::setup_topic);
    f_.set(F::measure_in_setup, is_open && is_measure);
    f_.set(F::decimal_in_setup, is_open && is_decimal());
    f_.set(F::time_for, is_time && (f_.has(F::for_) || f_.has(F::every) || f_.has(F::after)));
    f_.set(F::time_of, is_time && (f_.has(F::article) && !f_.has(F::ends)));
    f_.set(F::share_of, f_.has(F::percent) && f_.has(F::of_behind));
    f_.set(F::share_of_metric, f_.has(F::percent) && f_.has(F::of_behind) && f_.has(F::metric_behind));
    f_.set(F::times_compared, f_.has(F::times) && f_.has(F::compared_behind));
    f_.set(F::memory_of_machine,
           f_.has(F::memory) && (f_.has(F::hardware_behind) || f_.has(F::hardware_before) || f_.has(F::hardware_after)));
    f_.set(F::score_decimal, f_.has(F::no_unit_decimal) && f_.has(F::score_before));
    f_.set(F::score_whole, f_.has(F::no_unit) && f_.has(F::score_before));
    f_.set(F::equals_plain, f_.has(F::equals) && !number().unit && !f_.has(F::p_value) && !f_.has(F::metric_near));
    // "… takes 455 ms with two and 268 with four"
    const bool is_bare = f_.has(F::no_unit) && !f_.has(F::noun_behind) && !f_.has(F::metric_behind) &&
                         !f_.has(F::setting_behind) && !f_.has(F::corpus_behind) && !f_.has(F::label_leads) &&
                         !f_.has(F::setting_leads) && !f_.has(F::equals_plain);
    f_.set(F::bare, is_bare);
    f_.set(F::bare_beside_unit, is_bare && s_.has_unit());
    f_.set(F::bare_three_digits, is_bare && f_.has(F::three_digits));
    f_.set(F::bare_found, is_bare && (f_.has(F::found_leads) || f_.has(F::found_to_it) || f_.has(F::colon) || f_.has(F::arrow)));
    f_.set(F::bare_round, is_bare && (f_.has(F::round) || f_.has(F::power_of_two)));
    f_.set(F::counts_noun, f_.has(F::no_unit) && f_.has(F::noun_behind));
    f_.set(F::counts_found, f_.has(F::no_unit) && (f_.has(F::found_leads) || f_.has(F::found_to_it)));
    f_.set(F::expected_and_observed, f_.has(F::expected) && f_.has(F::observed));
    f_.set(F::own_cited, f_.has(F::own) && (f_.has(F::cited_before) || f_.has(F::cited_behind)));
    f_.set(F::results_cited, f_.has(F::results_topic) && f_.has(F::cited_behind));
    f_.set(F::results_of_plan, s_.place().in_plan && f_.has(F::results_topic));
    f_.set(F::own_background, f_.has(F::own) && (f_.has(F::background_topic) || f_.has(F::related_topic)));
    f_.set(F::is_decimal_value, f_.has(F::is) && is_decimal());
    f_.set(F::round_at, (f_.has(F::round) || f_.has(F::round_with_unit)) && (f_.has(F::at) || f_.has(F::with) || f_.has(F::for_)));
    f_.set(F::round_compared, f_.has(F::round_with_unit) && f_.has(F::compared_behind));
    const bool is_round = f_.has(F::round_with_unit), is_small = f_.has(F::small_with_unit);
    f_.set(F::round_percent, is_round && f_.has(F::percent));
    f_.set(F::round_time, is_round && is_time);
    f_.set(F::round_measure, is_round && is_measure);
    f_.set(F::small_percent, is_small && f_.has(F::percent));
    f_.set(F::small_time, is_small && is_time);
    f_.set(F::small_measure, is_small && is_measure);
    f_.set(F::decimal_time, is_time && is_decimal());
    f_.set(F::decimal_percent, f_.has(F::percent) && is_decimal());
    f_.set(F::decimal_memory, f_.has(F::memory) && is_decimal());
    f_.set(F::plain_percent, f_.has(F::percent) && !is_round && !is_decimal() && !is_small);
    f_.set(F::small_compared, f_.has(F::small_with_unit) && f_.has(F::compared_behind));
    f_.set(F::round_expected, f_.has(F::round_with_unit) && (f_.has(F::approximate) || f_.has(F::reach)));
    f_.set(F::percent_level, f_.has(F::percent) && f_.has(F::spread_behind));
    f_.set(F::past_found, f_.has(F::past) && f_.has(F::found_in_clause));
  }

  const Clauses& s_;
  const NumberGroup& group_;
  const std::size_t first_, end_;  // end_: behind the unit of the last number
  std::size_t lead_ = 0;
  Features f_;
};

}  // namespace

double Features::weight() const {
  double sum = 0;
  for (std::size_t i = 0; i < kFeatures; ++i) sum += bits_.test(i) ? kRows[i].weight : 0;
  return sum;
}

std::string_view name_of(std::size_t feature) {
  return kRows[feature].name;
}

Features features_of(const Clauses& sentence, const NumberGroup& group) {
  return Reader(sentence, group).read();
}

}  // namespace assay::reports::check
