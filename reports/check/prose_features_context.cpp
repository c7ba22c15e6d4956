#include "reports/check/prose_feature_reader.hpp"

#include <algorithm>

namespace assay::reports::check {

namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

class ContextReader : FeatureReader {
public:
  using FeatureReader::FeatureReader;

  void read() {
    read_around();
    read_head();
    read_sentence();
    read_topic();
  }

private:
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
    for (std::size_t k = end_; k < s_.size() && k < end_ + kAround && s_.clause(k) == s_.clause(first_);
         ++k) {
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
      if (s_.word(k) == "(") {
        open = 1;
        break;
      }
    }
    f_.set(F::in_parentheses, open > 0);
  }

  /// The noun that the part, or the clause, begins with: "the batch size of the small model is 64".
  void read_head() {
    std::size_t begin = first_;
    while (begin > 0 && first_ - begin <= 2 * kFar && s_.clause(begin - 1) == s_.clause(first_)) --begin;
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
    f_.set(F::head_name,
           head->roles == 0 && !head->text.empty() && is_upper(head->text.front()) && head != &at(0));
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
    for (std::size_t k = first_ > kAround ? first_ - kAround : 0; k < s_.size() && k < end_ + kAround; ++k) {
      f_.set(F::on_paper,
             is_one_of(s_.word(k), {"formula", "theory", "theoretical", "calculation", "label", "nominal",
                                    "nominally", "spec", "rated", "model", "≈", "predicts", "ideal"}));
    }
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
      case Topic::none:
        break;
      case Topic::results:
        f_.set(F::results_topic);
        break;
      case Topic::setup:
        f_.set(F::setup_topic);
        break;
      case Topic::expectation:
        f_.set(F::expectation_topic);
        break;
      case Topic::background:
        f_.set(F::background_topic);
        break;
      case Topic::related:
        f_.set(F::related_topic);
        break;
      case Topic::limits:
        f_.set(F::limits_topic);
        break;
      case Topic::references:
        break;
    }
  }
};

}  // namespace

void read_context_features(const Clauses& sentence, const NumberGroup& group, Features& features) {
  ContextReader(sentence, group, features).read();
}

}  // namespace assay::reports::check
