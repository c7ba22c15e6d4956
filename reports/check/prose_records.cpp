#include "reports/check/prose_records.hpp"

#include <algorithm>
#include <cmath>

namespace assay::reports::check {

namespace {

double scale_of(const Token& number) {
  return number.unit ? number.unit->scale : 1;
}

/// A number without a unit may be meant as one that has none of its own: 2.31 for 2.31×, 0.984 for 98.4 %.
Dimension dimension_of(const Token& number) {
  const Dimension dimension = number.unit ? number.unit->dimension : Dimension::none;
  const bool is_plain = dimension == Dimension::ratio || dimension == Dimension::times ||
                        dimension == Dimension::percent || dimension == Dimension::points;
  return is_plain ? Dimension::none : dimension;
}

}  // namespace

Records::Records(const std::vector<std::string>& texts, const Lexicon& lexicon) {
  std::vector<Token> tokens;
  for (const std::string& text : texts) {
    Tokens reader(text, lexicon);
    reader.go_to(0, text.size());
    if (!reader.next_sentence(tokens)) continue;
    const auto number = std::find_if(tokens.begin(), tokens.end(),
                                     [](const Token& t) { return t.kind == Token::Kind::number; });
    if (number != tokens.end())
      values_.emplace_back(dimension_of(*number), number->value * scale_of(*number));
  }
  std::sort(values_.begin(), values_.end());
}

bool Records::hold(const Token& number) const {
  const Dimension dimension = dimension_of(number);
  const double value = number.value * scale_of(number);
  const double half_a_digit = 0.5 * std::pow(10.0, -number.decimals) * scale_of(number);
  const double slack = (number.digits > 1 ? half_a_digit : 0) + 1e-9 * std::abs(value);
  const auto first = std::lower_bound(values_.begin(), values_.end(), std::pair(dimension, value - slack));
  return first != values_.end() && first->first == dimension && first->second <= value + slack;
}

}  // namespace assay::reports::check
