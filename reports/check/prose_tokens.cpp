#include "reports/check/prose_tokens.hpp"

#include <algorithm>
#include <charconv>

#include "harness/core/ascii.hpp"
#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

namespace {

constexpr std::size_t kLongestSentence = 2000;  // tokens
constexpr std::size_t kLongestNumber = 24;      // characters; what is longer is no number that anybody wrote

// Characters beyond ASCII that are signs; every other one is a letter.
constexpr std::string_view kSigns[] = {"×", "±", "→", "–", "—", "−", "≈", "≤", "≥", "·",
                                       "’", "‘", "“", "”", "…", "€", "£", "•", "∼"};

/// Bytes of the sign that begins `text`; 0 for a letter.
std::size_t sign_length(std::string_view text) {
  for (const std::string_view sign : kSigns) {
    if (text.starts_with(sign)) return sign.size();
  }
  return 0;
}

bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

template <typename Use>
void for_each_word(std::string_view words, Use use) {
  for (std::size_t at = 0; (at = words.find_first_not_of(' ', at)) != std::string_view::npos;) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    use(words.substr(at, end - at));
    at = end;
  }
}

}  // namespace

Lexicon::Lexicon() {
  for (const RoleWords& row : kRoleWords) {
    for_each_word(row.words, [&](std::string_view word) { roles_[word] |= row.roles; });
  }
  for (const TopicWords& row : kTopicWords) {
    for_each_word(row.words, [&](std::string_view word) { topics_.emplace(word, row.topic); });
  }
  lower_names_.reserve(std::size(kUnits));  // views into it must stay
  for (const Unit& unit : kUnits) {
    std::string& lower = lower_names_.emplace_back(unit.name);
    if (!unit.exact_case) std::transform(lower.begin(), lower.end(), lower.begin(), lowered);
    units_.emplace(lower, &unit);
  }
}

std::uint64_t Lexicon::roles_of_exactly(std::string_view lower) const {
  const auto found = roles_.find(lower);
  return found == roles_.end() ? 0 : found->second;
}

std::uint64_t Lexicon::roles_of(std::string_view lower) const {
  constexpr std::size_t kShortestPlural = 4;
  std::uint64_t roles = roles_of_exactly(lower);
  if (roles == 0 && lower.size() >= kShortestPlural && lower.ends_with('s')) {
    roles = roles_of_exactly(lower.substr(0, lower.size() - 1));
    if (roles == 0 && lower.ends_with("es")) roles = roles_of_exactly(lower.substr(0, lower.size() - 2));
    if (roles == 0 && lower.ends_with("ies")) {
      std::string singular(lower.substr(0, lower.size() - 3));
      singular += 'y';
      roles = roles_of_exactly(singular);
    }
  }
  const std::size_t hyphen = lower.rfind('-');
  if (roles == 0 && hyphen != std::string_view::npos && hyphen > 0 && hyphen + 2 < lower.size()) {
    roles = roles_of(lower.substr(hyphen + 1)) &
            (kMetric | kSetting | kProcedure | kCorpus | kHardware | kSpread);
  }
  return roles;
}

const Unit* Lexicon::unit_of(std::string_view text, std::string_view lower) const {
  for (auto [at, end] = units_.equal_range(text); at != end; ++at) {
    if (at->second->exact_case) return at->second;
  }
  for (auto [at, end] = units_.equal_range(lower); at != end; ++at) {
    if (!at->second->exact_case) return at->second;
  }
  // "Mpps", "kops"
  constexpr std::size_t kLongestRate = 6;
  if (lower.size() >= 3 && lower.size() <= kLongestRate && (lower.ends_with("pps") || lower.ends_with("ops")))
    return unit_of("fps", "fps");
  return nullptr;
}

Topic Lexicon::topic_of(std::string_view lower) const {
  const auto found = topics_.find(lower);
  return found == topics_.end() ? Topic::none : found->second;
}

Tokens::Tokens(std::string_view prose, const Lexicon& lexicon)
    : prose_(prose), lower_(prose), lexicon_(lexicon), end_(prose.size()) {
  std::transform(lower_.begin(), lower_.end(), lower_.begin(), lowered);
}

bool Tokens::next(Token& token) {
  // Marks of emphasis, quotation marks and the like are no tokens.
  while (at_ < end_ &&
         (is_white(prose_[at_]) || std::string_view("*_\"'`").find(prose_[at_]) != std::string_view::npos))
    ++at_;
  if (at_ >= end_) return false;
  token = Token{};
  token.begin = at_;
  const char c = prose_[at_];
  if (is_digit(c)) {
    read_number(token);
  } else if (c >= kCitation && c <= kTableEnd) {
    token.kind = Token::Kind::mark;
    ++at_;
  } else if (is_letter(c) || (is_beyond_ascii(c) && sign_length(prose_.substr(at_, 4)) == 0)) {
    read_word(token);
  } else {
    token.kind = Token::Kind::sign;
    at_ += std::max<std::size_t>(1, sign_length(prose_.substr(at_, 4)));
    at_ = std::min(at_, end_);
  }
  token.end = token.text_end = at_;
  token.text = prose_.substr(token.begin, at_ - token.begin);
  token.lower = std::string_view(lower_).substr(token.begin, at_ - token.begin);
  if (token.kind == Token::Kind::word || token.kind == Token::Kind::sign)
    token.roles = lexicon_.roles_of(
        token.lower.substr(0, std::max<std::size_t>(1, token.lower.find('@'))));  // "recall@5"
  return true;
}

/// "speed-up", "i7-12700", "mAP@0.5", "e.g", "U-Net".
void Tokens::read_word(Token& token) {
  token.kind = Token::Kind::word;
  bool is_metric_at = false;  // behind @
  while (at_ < end_) {
    const char c = prose_[at_];
    const char behind = at_ + 1 < end_ ? prose_[at_ + 1] : ' ';
    if (is_letter(c) || is_digit(c) || c == '_') {
      ++at_;
    } else if (is_beyond_ascii(c)) {
      if (sign_length(prose_.substr(at_, 4)) > 0) break;
      ++at_;
    } else if ((c == '-' && (is_letter(behind) || is_digit(behind))) ||
               (c == '.' &&
                (is_letter(behind) || (is_digit(behind) && (is_metric_at || is_digit(prose_[at_ - 1]))))) ||
               (c == ':' && is_metric_at && is_digit(behind))) {
      at_ += 2;
    } else if (c == '@' && (is_letter(behind) || is_digit(behind))) {
      is_metric_at = true;
      at_ += 2;
    } else {
      break;
    }
  }
  at_ = std::min(at_, end_);
}

/// "12.3", "62,806", "1e-3", "2.4x", "12ms", and all that only looks like a number: "3.11.2", "28×28",
/// "12:30", "7B".
void Tokens::read_number(Token& token) {
  token.kind = Token::Kind::number;
  const std::size_t begin = at_;
  const auto at = [&](std::size_t i) { return i < end_ ? prose_[i] : ' '; };
  const auto skip_digits = [&](std::size_t i) {
    while (is_digit(at(i))) ++i;
    return i;
  };
  const char before = begin > 0 ? prose_[begin - 1] : ' ';
  token.is_name = std::string_view("#^_/:").find(before) != std::string_view::npos;
  const std::string_view behind = prose_.substr(0, begin);
  if (before == '$' || behind.ends_with("€") || behind.ends_with("£"))
    token.unit = lexicon_.unit_of("€", "€");
  std::string digits;
  std::size_t end = skip_digits(begin);
  digits = prose_.substr(begin, std::min(end - begin, kLongestNumber));
  while (at(end) == ',' && skip_digits(end + 1) == end + 4 && end - begin <= kLongestNumber) {
    digits += prose_.substr(end + 1, 3);
    end += 4;
  }
  // "12 300": a group of three digits behind a narrow space, which may be some bytes
  for (std::size_t gap = 1; end - begin <= kLongestNumber && digits.size() <= 3 && gap <= 3;) {
    const std::size_t group = end + gap;
    const bool is_group =
        skip_digits(group) == group + 3 && at(group + 3) != ',' && !is_letter(at(group + 3));
    if (at(group - 1) != ' ' || digits.starts_with('0')) break;
    if (!is_group) {
      ++gap;
      continue;
    }
    digits += prose_.substr(group, 3);
    end = group + 3;
    break;
  }
  if (at(end) == '.' && is_digit(at(end + 1))) {
    const std::size_t stop = skip_digits(end + 1);
    token.decimals = static_cast<int>(std::min(stop - end - 1, kLongestNumber));
    digits += prose_.substr(end, std::min(stop - end, kLongestNumber));
    end = stop;
  }
  token.digits = static_cast<int>(std::count_if(digits.begin(), digits.end(), is_digit));
  if (digits.starts_with("0")) {
    const std::size_t first = digits.find_first_not_of("0.");
    token.digits = first == std::string::npos ? 1 : static_cast<int>(digits.size() - first);
  }
  std::size_t exponent = end + 1;
  if (at(exponent) == '-' || at(exponent) == '+') ++exponent;
  if ((at(end) == 'e' || at(end) == 'E') && is_digit(at(exponent))) {
    const std::size_t stop = skip_digits(exponent);
    digits += prose_.substr(end, std::min(stop - end, kLongestNumber));
    end = stop;
  }
  if (end - begin > kLongestNumber) token.is_name = true;
  std::from_chars(digits.data(), digits.data() + digits.size(),
                  token.value);  // 0 where it is no double: no harm
  at_ = end;
  while (at(at_) == '.' && is_digit(at(at_ + 1))) {  // 3.11.2
    token.is_name = true;
    at_ = skip_digits(at_ + 1);
  }
  const char next = at(at_);
  const bool is_digit_behind = is_digit(at(at_ + 1));
  if ((next == '/' || next == ':' || next == '^') && is_digit_behind)
    token.is_name = true;  // 80/20, 12:30, 10^3
  if (next == '-' && is_letter(at(at_ + 1))) token.is_joined = true;
  if (next == '^') token.is_name = true;
  // A date or a telephone number: 2024-05-01
  if (next == '-' && is_digit_behind) {
    const std::size_t second = skip_digits(at_ + 1);
    if (at(second) == '-' && is_digit(at(second + 1))) {
      token.is_name = true;
      at_ = skip_digits(second + 1);
    }
  }
  read_suffix(token);
}

/// What touches the number is its unit, or makes it a name: "12ms", "1.2k", "7B", "3rd", "28×28".
void Tokens::read_suffix(Token& token) {
  const auto at = [&](std::size_t i) { return i < end_ ? prose_[i] : ' '; };
  std::size_t stop = at_;
  while (stop < end_ &&
         (is_letter(at(stop)) || (is_beyond_ascii(at(stop)) && (sign_length(prose_.substr(stop, 4)) == 0))))
    ++stop;
  const bool is_times = prose_.substr(at_, 2) == "×" && at_ + 2 <= end_;
  if (is_times) stop = at_ + 2;
  if (stop == at_) return;
  const std::string_view suffix = prose_.substr(at_, stop - at_);
  const bool is_thousands = suffix == "k" || suffix == "K" || suffix == "M";
  if (is_thousands && !is_digit(at(stop)) && at(stop) != '_') {
    token.value *= suffix == "M" ? 1e6 : 1e3;
    token.decimals = 0;
    at_ = stop;
    return;
  }
  const Unit* unit =
      suffix == "B" ? nullptr : lexicon_.unit_of(suffix, std::string_view(lower_).substr(at_, stop - at_));
  const bool is_dimension = (is_times || suffix == "x") && (is_digit(at(stop)));
  if (!unit || is_dimension) token.is_name = true;
  token.unit = unit;
  if (is_digit(at(stop)) || at(stop) == '_') {
    token.is_name = true;
    while (stop < end_ && (is_digit(at(stop)) || is_letter(at(stop)) || at(stop) == '_')) ++stop;
  }
  at_ = stop;
}

bool Tokens::ends_sentence(const Token& stop, const std::vector<Token>& before) const {
  const char c = stop.text.front();
  if (c == ';' || (c != '.' && c != '!' && c != '?')) return false;
  if (c == '.' && !before.empty()) {
    const Token& last = before.back();
    if (last.end == stop.begin && last.kind == Token::Kind::word && (last.roles & kAbbreviation) != 0)
      return false;
  }
  // The end of the passage, or a space and then no small letter
  std::size_t next = stop.end;
  while (next < end_ && std::string_view("*_\"')").find(prose_[next]) != std::string_view::npos) ++next;
  if (next >= end_) return true;
  if (!is_white(prose_[next])) return false;
  while (next < end_ &&
         (is_white(prose_[next]) || std::string_view("*_\"'(").find(prose_[next]) != std::string_view::npos))
    ++next;
  return next >= end_ || !(prose_[next] >= 'a' && prose_[next] <= 'z');
}

bool Tokens::next_sentence(std::vector<Token>& sentence) {
  sentence.clear();
  for (Token token; sentence.size() < kLongestSentence && next(token);) {
    const bool ends = token.kind == Token::Kind::sign && ends_sentence(token, sentence);
    sentence.push_back(token);
    if (ends) break;
  }
  attach_units(sentence);
  return !sentence.empty();
}

void Tokens::attach_units(std::vector<Token>& sentence) const {
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    sentence[i].last = i;
    if (sentence[i].kind == Token::Kind::number) {
      attach_unit(sentence, i);
      attach_rate(sentence, i);
    }
  }
}

namespace {

/// The tokens behind the number at `i` up to `last` belong to it.
void take(std::vector<Token>& sentence, std::size_t i, std::size_t last, const Unit* unit) {
  for (std::size_t k = i + 1; k <= last; ++k) sentence[k].is_unit = true;
  sentence[i].last = last;
  sentence[i].text_end = sentence[last].end;
  if (unit) sentence[i].unit = unit;
}

bool is_word(const std::vector<Token>& sentence, std::size_t i, std::string_view word) {
  return i < sentence.size() && sentence[i].lower == word;
}

}  // namespace

/// "4.9 million", "12 ms", "8-fold", "3 per cent", "2 percentage points".
void Tokens::attach_unit(std::vector<Token>& sentence, std::size_t i) const {
  Token& number = sentence[i];
  std::size_t next = i + 1;
  if (next < sentence.size() && number.is_joined && sentence[next].lower == "-") ++next;
  const bool is_magnitude = next < sentence.size() && (sentence[next].roles & kMagnitude) != 0 &&
                            (sentence[next].text.size() > 1 || sentence[next].text != "m");
  if (is_magnitude) {
    take(sentence, i, next, nullptr);
    ++next;
  }
  if (!number.unit && next < sentence.size()) {
    const Token& word = sentence[next];
    const bool is_near = word.begin - sentence[next - 1].end <= 12;
    const bool is_text = word.kind == Token::Kind::word || word.kind == Token::Kind::sign;
    const Unit* unit = is_text ? lexicon_.unit_of(word.text, word.lower) : nullptr;
    // "4 × 4" is a product, and "8 x 8", too
    const bool is_product =
        unit && unit->dimension == Dimension::ratio && next + 1 < sentence.size() &&
        (sentence[next + 1].kind == Token::Kind::number || sentence[next + 1].kind == Token::Kind::mark);
    if (is_product) {
      number.is_name = true;
      if (sentence[next + 1].kind == Token::Kind::number) sentence[next + 1].is_name = true;
    } else if (unit && is_near) {
      take(sentence, i, next, unit);
      ++next;
    } else if (word.lower == "per" && is_word(sentence, next + 1, "cent")) {
      take(sentence, i, next + 1, lexicon_.unit_of("%", "%"));
      next += 2;
    }
  }
  if (number.unit && number.unit->dimension == Dimension::percent && is_word(sentence, next, "points")) {
    take(sentence, i, next, lexicon_.unit_of("pp", "pp"));
  } else if (!number.unit && (is_word(sentence, next, "percentage") || is_word(sentence, next, "%")) &&
             (is_word(sentence, next + 1, "points") || is_word(sentence, next + 1, "point"))) {
    take(sentence, i, next + 1, lexicon_.unit_of("pp", "pp"));
  }
}

/// "tokens/s", "requests per second", "images a second": what a second has is a rate.
void Tokens::attach_rate(std::vector<Token>& sentence, std::size_t i) const {
  constexpr std::size_t kMostWords = 2;  // "output tokens per second"
  Token& number = sentence[i];
  const std::size_t next = number.last + 1;
  for (std::size_t k = next; k < sentence.size() && k <= next + kMostWords; ++k) {
    const Token& by = sentence[k];
    const bool is_by =
        by.lower == "/" || by.lower == "per" || by.lower == "a" || by.lower == "an" || by.lower == "each";
    if (!is_by) {
      if (by.kind == Token::Kind::word && (by.roles & (kPreposition | kIs | kLink | kTurn)) == 0) continue;
      return;
    }
    if (k + 1 >= sentence.size()) return;
    const Unit* of = lexicon_.unit_of(sentence[k + 1].text, sentence[k + 1].lower);
    const Dimension dimension = number.unit ? number.unit->dimension : Dimension::none;
    const bool may_be_rate = dimension == Dimension::none || dimension == Dimension::thing ||
                             dimension == Dimension::property || dimension == Dimension::memory ||
                             dimension == Dimension::count;
    // "4 of 25 kills a second election was needed"
    const bool is_ordinal = by.lower == "a" && k + 2 < sentence.size() &&
                            sentence[k + 2].kind == Token::Kind::word && sentence[k + 2].roles == 0;
    if (of && of->dimension == Dimension::time && !number.is_joined && may_be_rate && !is_ordinal)
      take(sentence, i, k + 1, lexicon_.unit_of("fps", "fps"));
    return;
  }
}

}  // namespace assay::reports::check
