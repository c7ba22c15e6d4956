#include "reports/check/prose_sentence.hpp"

#include <algorithm>
#include <iterator>

#include "reports/check/prose_comparison.hpp"
#include "reports/check/prose_features.hpp"

namespace assay::reports::check {

namespace {

constexpr double kEnough = 0;  // log-odds

std::string_view called(Dimension dimension) {
  switch (dimension) {
    case Dimension::ratio:
    case Dimension::times:
      return "a ratio";
    case Dimension::percent:
      return "a percentage";
    case Dimension::points:
      return "a difference in points";
    case Dimension::time:
    case Dimension::calendar:
      return "a time";
    case Dimension::rate:
      return "a rate";
    case Dimension::energy:
      return "an energy or a power";
    case Dimension::memory:
      return "an amount of memory";
    case Dimension::count:
    case Dimension::thing:
      return "a count";
    case Dimension::temperature:
      return "a temperature";
    case Dimension::money:
      return "a sum of money";
    case Dimension::score:
    case Dimension::property:
    case Dimension::none:
      break;
  }
  return "a score";
}

std::string without_spaces(std::string_view text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char c) { return c != ' ' && c != '\n'; });
  return kept;
}

std::string_view why_of(const Clauses& sentence, std::size_t i) {
  const Token& number = sentence.tokens()[i];
  for (std::size_t k = i; k-- > 0 && i - k <= 3;) {
    if (sentence.word(k) == "p" && !number.unit) return "a p-value";
  }
  return called(number.unit ? number.unit->dimension : Dimension::none);
}

}  // namespace

Levels::Levels(const std::vector<std::string>& texts) {
  std::transform(texts.begin(), texts.end(), std::back_inserter(texts_), without_spaces);
  std::sort(texts_.begin(), texts_.end());
}

bool Levels::contain(std::string_view text) const {
  return !texts_.empty() && std::binary_search(texts_.begin(), texts_.end(), without_spaces(text));
}

bool is_measured(Dimension dimension) {
  switch (dimension) {
    case Dimension::none:
    case Dimension::times:
    case Dimension::calendar:
    case Dimension::thing:
    case Dimension::property:
      return false;
    default:
      return true;
  }
}

std::vector<SentenceResult> results_of(const Clauses& sentence, std::string_view prose,
                                       const Levels& levels) {
  std::vector<SentenceResult> found;
  const std::vector<Token>& tokens = sentence.tokens();
  for (const NumberGroup& group : sentence.groups()) {
    if (sentence.is_out(group.first()) || features_of(sentence, group).weight() <= kEnough) continue;
    for (const std::size_t i : group.numbers) {
      const std::size_t end = std::max(tokens[i].text_end, tokens[i].end);
      if (levels.contain(prose.substr(tokens[i].begin, end - tokens[i].begin))) continue;
      found.push_back({tokens[i].begin, end, why_of(sentence, i), &tokens[i]});
    }
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (const std::size_t length = comparison_in_words(sentence, i); length > 0) {
      found.push_back({tokens[i].begin, tokens[i + length - 1].end, "a comparison in words", nullptr});
      i += length - 1;
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return found;
}

}  // namespace assay::reports::check
