#include "reports/check/prose_features.hpp"

#include "reports/check/prose_feature_reader.hpp"

namespace assay::reports::check {

namespace {

struct Row {
  std::string_view name;
  double weight;
};
constexpr Row kRows[] = {
#define PROSE_FEATURE(name, weight) {#name, weight},
#include "reports/check/prose_features.def"
#undef PROSE_FEATURE
};

class Combiner : FeatureReader {
public:
  using FeatureReader::FeatureReader;

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
           f_.has(F::memory) && (f_.has(F::hardware_behind) || f_.has(F::hardware_before)));
    f_.set(F::score_decimal, f_.has(F::no_unit_decimal) && f_.has(F::score_before));
    f_.set(F::score_whole, f_.has(F::no_unit) && f_.has(F::score_before));
    f_.set(F::equals_plain,
           f_.has(F::equals) && !number().unit && !f_.has(F::p_value) && !f_.has(F::metric_near));
    // "… takes 455 ms with two and 268 with four"
    const bool is_bare = f_.has(F::no_unit) && !f_.has(F::noun_behind) && !f_.has(F::metric_behind) &&
                         !f_.has(F::setting_behind) && !f_.has(F::corpus_behind) && !f_.has(F::label_leads) &&
                         !f_.has(F::setting_leads) && !f_.has(F::equals_plain);
    f_.set(F::bare, is_bare);
    f_.set(F::bare_beside_unit, is_bare && s_.has_unit());
    f_.set(F::bare_three_digits, is_bare && f_.has(F::three_digits));
    f_.set(F::bare_found, is_bare && (f_.has(F::found_leads) || f_.has(F::found_to_it) || f_.has(F::colon) ||
                                      f_.has(F::arrow)));
    f_.set(F::bare_round, is_bare && (f_.has(F::round) || f_.has(F::power_of_two)));
    f_.set(F::counts_noun, f_.has(F::no_unit) && f_.has(F::noun_behind));
    f_.set(F::counts_found, f_.has(F::no_unit) && (f_.has(F::found_leads) || f_.has(F::found_to_it)));
    f_.set(F::expected_and_observed, f_.has(F::expected) && f_.has(F::observed));
    f_.set(F::own_cited, f_.has(F::own) && (f_.has(F::cited_before) || f_.has(F::cited_behind)));
    f_.set(F::results_cited, f_.has(F::results_topic) && f_.has(F::cited_behind));
    f_.set(F::results_of_plan, s_.place().in_plan && f_.has(F::results_topic));
    f_.set(F::own_background, f_.has(F::own) && (f_.has(F::background_topic) || f_.has(F::related_topic)));
    f_.set(F::is_decimal_value, f_.has(F::is) && is_decimal());
    f_.set(F::round_at, (f_.has(F::round) || f_.has(F::round_with_unit)) &&
                            (f_.has(F::at) || f_.has(F::with) || f_.has(F::for_)));
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
  Features features;
  features.set(Feature::base);
  read_number_features(sentence, group, features);
  read_context_features(sentence, group, features);
  Combiner(sentence, group, features).combine();
  return features;
}

}  // namespace assay::reports::check
