// A sentence with what its words say of its numbers: clauses, what is hoped for, what is told of others. What
// a number is, prose_features.hpp asks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "reports/check/prose_tokens.hpp"

namespace assay::reports::check {

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "H1", "RQ2": what begins with it is hoped for or asked.
bool is_hypothesis_name(std::string_view lower);

struct SentencePlace {
  Topic topic = Topic::none;
  bool in_item = false;  // of a list
  bool in_plan = false;  // the document is a proposal, an idea, a design
};

/// Numbers that share a unit and a verdict, "12, 14 and 19 ms", "[4.1, 6.6]"; most stand alone.
struct NumberGroup {
  std::vector<std::size_t> numbers;  // tokens, in order
  bool is_range = false;             // joined by "to" or a dash

  std::size_t first() const { return numbers.front(); }
  std::size_t last() const { return numbers.back(); }
};

class Clauses {
public:
  /// `tokens` and `prose` must outlive it. Pairs of words and shared units are written into the tokens.
  Clauses(std::vector<Token>& tokens, std::string_view prose, const SentencePlace& place);

  std::vector<NumberGroup> groups() const;

  const std::vector<Token>& tokens() const { return tokens_; }
  const SentencePlace& place() const { return place_; }
  std::size_t size() const { return tokens_.size(); }
  /// Empty beyond the end.
  std::string_view word(std::size_t i) const;
  int clause(std::size_t i) const { return clause_[i]; }
  int part(std::size_t i) const { return part_[i]; }
  bool is_expected(std::size_t i) const { return is_expected_[i]; }
  /// Whether a "would" or "may" stands in the part of `i`.
  bool is_modal(std::size_t i) const { return is_modal_[static_cast<std::size_t>(part_[i])]; }
  bool is_theirs(std::size_t i) const { return is_theirs_[static_cast<std::size_t>(part_[i])]; }
  bool is_cited(std::size_t i) const { return is_cited_[static_cast<std::size_t>(part_[i])]; }
  /// Whether a citation stands before `i`; or behind it.
  bool is_cited_before(std::size_t i) const { return !citations_.empty() && citations_.front() < i; }
  bool is_cited_behind(std::size_t i) const { return !citations_.empty() && citations_.back() > i; }
  bool is_own() const { return is_own_; }
  /// Whether what stands at `i` is cited from others.
  bool is_quoted(std::size_t i) const;
  /// … or is told without a past tense among the hopes of a proposal: no result, whatever speaks for one.
  bool is_out(std::size_t i) const {
    return is_quoted(i) || (place_.in_plan && place_.topic == Topic::expectation && !has_past_);
  }
  /// Whether it has a verb that looks like the past; like the present.
  bool has_past() const { return has_past_; }
  bool has_present() const { return has_present_; }
  /// Whether it ends in an expectation: "We expect:".
  bool ends_expecting() const { return !is_expected_.empty() && is_expected_.back(); }
  /// What any word of the clause of `i` says, units and the like not.
  std::uint64_t roles_of_clause(std::size_t i) const {
    return clause_roles_[static_cast<std::size_t>(clause_[i])];
  }
  std::uint64_t roles() const { return sentence_roles_; }
  /// Numbers of the sentence; those with decimals.
  std::size_t numbers() const { return numbers_; }
  std::size_t decimals() const { return decimals_; }
  /// Whether a number has a unit of what is measured.
  bool has_unit() const { return has_unit_; }

  /// What is told as others' or as hoped for, from `i` to `last`.
  bool is_told_otherwise(std::size_t i, std::size_t last) const;
  /// A word that says that it was wanted stands close behind `last`: "the 3 points that we promised".
  bool is_intended(std::size_t i, std::size_t last) const;

private:
  void mark_pairs();
  void share_units();
  void read_clauses();
  bool is_level_of_confidence(std::size_t i) const;

  std::vector<Token>& tokens_;
  std::string_view prose_;
  SentencePlace place_;
  // By token
  std::vector<int> clause_, part_;  // a part is what stands between commas
  std::vector<bool> is_expected_;   // what stands here is hoped for
  // By part
  std::vector<bool> is_theirs_, is_cited_, is_modal_;
  // By clause
  std::vector<std::uint64_t> clause_roles_;
  std::uint64_t sentence_roles_ = 0;
  std::vector<std::size_t> citations_;
  std::size_t numbers_ = 0, decimals_ = 0;
  bool is_own_ = false;  // the author speaks of what is the author's
  bool has_unit_ = false;
  bool has_past_ = false, has_present_ = false;
};

}  // namespace assay::reports::check
