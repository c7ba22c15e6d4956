// Results without digits: "twice as fast", "halved the time", "a third less", "two of five seeds".
#pragma once

#include <cstddef>

#include "reports/check/prose_clauses.hpp"

namespace assay::reports::check {

/// How many tokens a comparison in words has that begins at `i`; 0 if there is none.
std::size_t comparison_in_words(const Clauses& sentence, std::size_t i);

}  // namespace assay::reports::check
