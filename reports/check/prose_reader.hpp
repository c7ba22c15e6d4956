// Reads a document passage by passage: what its sections are about, its sentences and its tables. Others call
// unbacked_results().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/check/prose.hpp"
#include "reports/check/prose_features.hpp"

namespace assay::reports::check {

std::vector<ProseNumber> read_prose(std::string_view text, const ProseContext& context);

/// A number, or several with one verdict, and all that can be said of it: what weights are learnt from.
struct Candidate {
  struct Number {
    int line = 0, column = 0;  // as in ProseNumber
    std::string text;
  };
  std::vector<Number> numbers;
  Features features;
};

std::vector<Candidate> candidates_in(std::string_view text, const ProseContext& context);

}  // namespace assay::reports::check
