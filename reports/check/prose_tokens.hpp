// Prose as words, numbers with their units, and signs: what the rules of prose.cpp look at. No I/O.
//
//     const Lexicon lexicon;
//     Tokens tokens(prose, lexicon);                 // of a bare_prose
//     tokens.go_to(passage.begin, passage.end);
//     while (tokens.next_sentence(sentence)) …       // std::vector<Token>
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reports/check/prose_units.hpp"
#include "reports/check/prose_words.hpp"

namespace assay::reports::check {

/// The tables of prose_words.hpp, to be looked things up in.
class Lexicon {
public:
  Lexicon();

  /// Of the word, of its singular, or of what stands behind its last hyphen.
  std::uint64_t roles_of(std::string_view lower) const;
  /// nullptr: no unit.
  const Unit* unit_of(std::string_view text, std::string_view lower) const;
  Topic topic_of(std::string_view lower) const;

private:
  std::uint64_t roles_of_exactly(std::string_view lower) const;

  std::unordered_map<std::string_view, std::uint64_t> roles_;
  std::unordered_multimap<std::string_view, const Unit*>
      units_;  // by name; those of any case in lower case, too
  std::unordered_map<std::string_view, Topic> topics_;
  std::vector<std::string> lower_names_;
};

struct Token {
  enum class Kind { word, number, sign, mark };
  Kind kind = Kind::word;
  std::size_t begin = 0, end = 0;
  std::string_view text;   // as written
  std::string_view lower;  // of a word or sign
  std::uint64_t roles = 0;

  bool is(std::uint64_t any_of) const { return (roles & any_of) != 0; }

  // Of a number
  double value = 0;
  int decimals = 0, digits = 0;  // digits: significant ones
  const Unit* unit = nullptr;
  std::size_t text_end = 0;  // behind the unit
  std::size_t last = 0;      // the last token that belongs to it: the unit
  bool is_name = false;      // a version, a date, a dimension, a time of day, an exponent
  bool is_joined = false;    // "4-bit", "5-minute"
  bool is_unit = false;      // a word or sign: it is the unit of the number before it
};

class Tokens {
public:
  /// `prose` and `lexicon` must outlive it.
  Tokens(std::string_view prose, const Lexicon& lexicon);

  void go_to(std::size_t begin, std::size_t end) {
    at_ = begin;
    end_ = end;
  }
  /// The tokens up to the end of the sentence (or of some thousand tokens). False: there are none.
  bool next_sentence(std::vector<Token>& sentence);

  std::string_view lower() const { return lower_; }

private:
  bool next(Token& token);
  void read_number(Token& token);
  void read_word(Token& token);
  void read_suffix(Token& token);
  bool ends_sentence(const Token& stop, const std::vector<Token>& before) const;
  void attach_units(std::vector<Token>& sentence) const;
  void attach_unit(std::vector<Token>& sentence, std::size_t i) const;
  void attach_rate(std::vector<Token>& sentence, std::size_t i) const;

  std::string_view prose_;
  std::string lower_;
  const Lexicon& lexicon_;
  std::size_t at_ = 0, end_ = 0;
};

}  // namespace assay::reports::check
