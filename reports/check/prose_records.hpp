// The values that records hold, to be asked for by what somebody typed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/check/prose_tokens.hpp"

namespace assay::reports::check {

class Records {
public:
  /// `texts`: values as they are printed, "2.31", "98.4 %", "0.41 ms".
  Records(const std::vector<std::string>& texts, const Lexicon& lexicon);

  /// Whether a value, rounded as `number` is, is that number: "2.3×" for 2.31, "410 µs" for 0.41 ms. A single
  /// digit only for itself, as it would be near too much.
  bool hold(const Token& number) const;

private:
  std::vector<std::pair<Dimension, double>> values_;  // in base units; sorted
};

}  // namespace assay::reports::check
