// Which numbers of one sentence look like results: the rules. They weigh words; what each word says stands in
// prose_words.hpp.
//
//     const SentencePlace place{.topic = Topic::results};
//     for (const SentenceResult& result : Sentence(tokens, prose, place).results(levels)) …
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check/prose_tokens.hpp"

namespace assay::reports::check {

/// Levels of factors and controls, as they are printed; spaces don't count.
class Levels {
public:
  explicit Levels(const std::vector<std::string>& texts);
  bool contain(std::string_view text) const;

private:
  std::vector<std::string> texts_;
};

/// "H1", "RQ2": what begins with it is hoped for or asked.
bool is_hypothesis_name(std::string_view lower);

/// How readily a number of this dimension is a result; 0: not by its unit.
int base_score(Dimension dimension);

struct SentencePlace {
  Topic topic = Topic::none;
  bool in_item = false;  // of a list
};

struct SentenceResult {
  std::size_t begin = 0, end = 0;  // in the prose
  std::string_view why;            // "a ratio"
  const Token* number = nullptr;   // nullptr: a comparison in words
};

class Sentence {
public:
  /// `tokens` and `prose` must outlive it. Pairs of words and shared units are written into the tokens.
  Sentence(std::vector<Token>& tokens, std::string_view prose, const SentencePlace& place);

  std::vector<SentenceResult> results(const Levels& levels) const;
  /// Whether it ends in an expectation: "We expect:".
  bool ends_expecting() const { return !is_expected_.empty() && is_expected_.back(); }

private:
  using Places = std::vector<std::size_t>;

  void mark_pairs();
  void share_units();
  void read_clauses();

  bool is_in_clause(const Places& places, std::size_t i) const;
  bool is_told_otherwise(std::size_t i, std::size_t last) const;
  bool is_setting(std::size_t i) const;
  bool is_of_setting(std::size_t i) const;
  bool is_occasion(std::size_t i) const;
  bool is_before_setting(std::size_t i) const;
  bool holds_memory(std::size_t i) const;
  bool is_of_machine(std::size_t i) const;
  bool is_measured_under(std::size_t setting, std::size_t i) const;
  bool is_compared_after(std::size_t last) const;
  int evidence(std::size_t i, std::size_t last) const;
  int evidence_of_topic() const;
  std::string_view reason(std::size_t i) const;
  std::string_view reason_without_unit(std::size_t i) const;
  std::size_t comparison_in_words(std::size_t i) const;
  std::size_t words_of_comparison(std::size_t i) const;
  std::size_t find_compared(std::size_t from, std::size_t most) const;
  bool is_fraction_of_metric(std::size_t i) const;
  std::string_view word(std::size_t i) const;

  std::vector<Token>& tokens_;
  std::string_view prose_;
  SentencePlace place_;
  // By token
  std::vector<int> clause_, part_;  // a part is what stands between commas
  std::vector<bool> is_expected_;   // what stands here is hoped for
  // By part
  std::vector<bool> is_theirs_, is_cited_;
  // Places of words that say that something was found, that something is so, or what; and of citations
  Places verbs_, copulas_, metrics_, citations_;
  bool is_own_ = false;  // the author speaks of what is the author's
};

}  // namespace assay::reports::check
