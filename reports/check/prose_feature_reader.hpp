// How features of a number are read, for the files that read them: prose_features_number.cpp what the number
// is and what touches it, prose_features_context.cpp what its sentence and section say.
#pragma once

#include <algorithm>

#include "reports/check/prose_features.hpp"

namespace assay::reports::check {

class FeatureReader {
public:
  FeatureReader(const Clauses& sentence, const NumberGroup& group, Features& features)
      : s_(sentence),
        group_(group),
        first_(group.first()),
        end_(s_.tokens()[group.last()].last + 1),
        f_(features) {}

protected:
  using F = Feature;

  // Distances in tokens.
  static constexpr std::size_t kNear = 4, kFar = 12, kBehind = 2, kAround = 5;

  const Token& at(std::size_t i) const { return s_.tokens()[i]; }
  const Token& number() const { return at(first_); }
  bool is_decimal() const {
    return std::any_of(group_.numbers.begin(), group_.numbers.end(),
                       [&](std::size_t i) { return at(i).decimals > 0; });
  }

  const Clauses& s_;
  const NumberGroup& group_;
  const std::size_t first_, end_;  // end_: behind the unit of the last number
  Features& f_;
};

/// The first two of features_of(), which combines what they found.
void read_number_features(const Clauses& sentence, const NumberGroup& group, Features& features);
void read_context_features(const Clauses& sentence, const NumberGroup& group, Features& features);

}  // namespace assay::reports::check
