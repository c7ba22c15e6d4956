#include "reports/check/prose_feature_reader.hpp"

#include <algorithm>
#include <cmath>

namespace assay::reports::check {

namespace {

class NumberReader : FeatureReader {
public:
  using FeatureReader::FeatureReader;

  void read() {
    read_unit();
    read_digits();
    read_lead();
    read_behind();
  }

private:
  void read_unit() {
    const Unit* unit = number().unit;
    if (!unit) return f_.set(is_decimal() ? F::no_unit_decimal : F::no_unit);
    switch (unit->dimension) {
      case Dimension::none:
        break;
      case Dimension::ratio:
        f_.set(F::ratio);
        break;
      case Dimension::times:
        f_.set(F::times);
        break;
      case Dimension::percent:
        f_.set(F::percent);
        break;
      case Dimension::points:
        f_.set(F::points);
        break;
      case Dimension::time:
        f_.set(unit->scale < 1 ? F::short_time : unit->scale > 1 ? F::long_time : F::seconds);
        break;
      case Dimension::rate:
        f_.set(F::rate);
        break;
      case Dimension::energy:
        f_.set(F::energy);
        break;
      case Dimension::memory:
        f_.set(F::memory);
        break;
      case Dimension::count:
        f_.set(F::events);
        break;
      case Dimension::score:
        f_.set(F::score);
        break;
      case Dimension::temperature:
        f_.set(F::warmth);
        break;
      case Dimension::money:
        f_.set(F::money);
        break;
      case Dimension::calendar:
        f_.set(F::days);
        break;
      case Dimension::thing:
        f_.set(F::things);
        break;
      case Dimension::property:
        f_.set(F::property);
        break;
    }
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
      is_round &=
          n.decimals == 0 && !is_small && (significant == 1 || value == 15 || value == 25 || value == 12);
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
        f_.set(is_little ? F::approximate
               : is_one_of(before.lower, {"most", "within", "over", "above", "beyond", "up-to", "up"})
                   ? F::reach
                   : F::bound);
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
    const std::string_view word = lead.lower;
    if (lead.kind == Token::Kind::number || lead.is_unit) return f_.set(F::after_number);
    if (lead.kind == Token::Kind::mark) return f_.set(F::after_mark);
    if (word == "to")
      f_.set(F::to);
    else if (word == "from")
      f_.set(F::from);
    else if (word == "by")
      f_.set(F::by);
    else if (word == "of")
      f_.set(F::of);
    else if (word == "at")
      f_.set(F::at);
    else if (word == "for")
      f_.set(F::for_);
    else if (word == "with" || word == "using" || word == "without")
      f_.set(F::with);
    else if (is_one_of(word, {"in", "on", "into", "across", "between"}))
      f_.set(F::in);
    else if (is_one_of(word, {"every", "per", "each", "/"}))
      f_.set(F::every);
    else if (is_one_of(word, {"after", "during", "until", "before", "when", "once", "since"}))
      f_.set(F::after);
    else if (word == "than")
      f_.set(F::than);
    else if (is_one_of(word, {"and", "or", "but", ",", ";", "resp"}))
      f_.set(F::listed);
    else if (is_one_of(word, {"vs", "against", "versus", "as"}))
      f_.set(F::against);
    else if (lead.is(kIs))
      f_.set(F::is);
    else if (word == ":")
      f_.set(F::colon);
    else if (is_one_of(word, {"=", "≈", "@"}))
      f_.set(F::equals);
    else if (word == "→" || word == ">")
      f_.set(F::arrow);
    else if (word == "(")
      f_.set(F::parenthesis);
    else if (is_one_of(word, {"<", "≤", "≥"}))
      f_.set(F::bound);
    else if (lead.kind == Token::Kind::sign)
      f_.set(F::other_sign);
    else if (lead.is(kFound) && !lead.is(kMetric | kChosen))
      f_.set(F::found_leads);
    else if (lead.is(kLabel) && !number().unit)
      f_.set(F::label_leads);
    else if (lead.is(kSetting))
      f_.set(F::setting_leads);
    else if (lead.is(kMetric))
      f_.set(F::metric_leads);
    else if (lead.is(kChosen))
      f_.set(F::choice_leads);
    else if (lead.is(kProcedure | kCorpus | kHardware))
      f_.set(F::thing_leads);
    else
      f_.set(F::word_leads);
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
    f_.set(F::condition_behind, is_one_of(next.lower, {"at", "with", "for", "on", "in", "when", "after",
                                                       "under", "without", "if", "once", "before"}));
    f_.set(F::against_behind,
           is_one_of(next.lower, {"vs", "against", "versus", "instead", "compared", "rather", "to"}));
    f_.set(F::is_behind, next.is(kIs));
    f_.set(F::found_behind, next.is(kFound) && !next.is(kMetric | kIs));
    f_.set(F::mark_behind, next.kind == Token::Kind::mark);
    for (std::size_t k = end_; k < s_.size() && k < end_ + 3; ++k) {
      if (is_one_of(at(k).lower, {",", ".", "(", ")", ";", "and", "but"}) ||
          at(k).kind == Token::Kind::number)
        break;
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
    constexpr std::uint64_t kGrammar = kPreposition | kLink | kTurn | kAside | kIs | kMerely | kFound |
                                       kComparative | kNot | kWhen | kModal | kOurs | kApprox | kMetric;
    f_.set(number().unit ? F::word_behind : F::noun_behind, !next.is(kGrammar));
  }
};

}  // namespace

void read_number_features(const Clauses& sentence, const NumberGroup& group, Features& features) {
  NumberReader(sentence, group, features).read();
}

}  // namespace assay::reports::check
