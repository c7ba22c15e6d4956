// What can be said of a number in a sentence, yes or no, and how much each thing speaks for a result:
// prose_features.def is the list. A number is taken for a result if the weights of all that holds of it add
// up to more than kEnough.
#pragma once

#include <bitset>
#include <string_view>

#include "reports/check/prose_clauses.hpp"

namespace assay::reports::check {

enum class Feature : std::size_t {
#define PROSE_FEATURE(name, weight) name,
#include "reports/check/prose_features.def"
#undef PROSE_FEATURE
  count
};
inline constexpr std::size_t kFeatures = static_cast<std::size_t>(Feature::count);

class Features {
public:
  void set(Feature feature, bool holds = true) {
    if (holds) bits_.set(static_cast<std::size_t>(feature));
  }
  bool has(Feature feature) const { return bits_.test(static_cast<std::size_t>(feature)); }
  bool has(std::size_t feature) const { return bits_.test(feature); }
  /// Log-odds.
  double weight() const;

private:
  std::bitset<kFeatures> bits_;
};

std::string_view name_of(std::size_t feature);

Features features_of(const Clauses& sentence, const NumberGroup& group);

}  // namespace assay::reports::check
