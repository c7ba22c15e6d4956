// Which numbers of one sentence look like results.
//
//     const Clauses sentence(tokens, prose, {.topic = Topic::results});
//     for (const SentenceResult& result : results_of(sentence, prose, levels)) …
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check/prose_clauses.hpp"

namespace assay::reports::check {

/// Levels of factors and controls, as they are printed; spaces don't count.
class Levels {
public:
  explicit Levels(const std::vector<std::string>& texts);
  bool contain(std::string_view text) const;

private:
  std::vector<std::string> texts_;
};

/// Whether a number of this dimension may be a result by its unit alone.
bool is_measured(Dimension dimension);

struct SentenceResult {
  std::size_t begin = 0, end = 0;  // in the prose
  std::string_view why;            // "a ratio"
  const Token* number = nullptr;   // nullptr: a comparison in words
};

/// `prose` is that of the sentence.
std::vector<SentenceResult> results_of(const Clauses& sentence, std::string_view prose, const Levels& levels);

}  // namespace assay::reports::check
