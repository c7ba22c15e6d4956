#include "reports/check/heading.hpp"

#include <algorithm>

#include "harness/core/ascii.hpp"

namespace assay::reports::check {

namespace {

/// "3.", "3.1", "3)", "IV.", "A)" at the start of a heading.
std::string_view without_numbering(std::string_view heading) {
  const std::size_t end = std::min(heading.find(' '), heading.size());
  const std::string_view first = heading.substr(0, end);
  if (end == heading.size() || first.empty()) return heading;
  const bool digits = is_digit(first[0]) && first.find_first_not_of("0123456789.)") == std::string_view::npos;
  const bool marked = first.size() > 1 && (first.back() == '.' || first.back() == ')');
  const std::string_view letters = first.substr(0, first.size() - 1);
  const bool roman = marked && letters.find_first_not_of("IVXivx") == std::string_view::npos;
  const bool letter = marked && letters.size() == 1 && is_letter_or_digit(letters[0]);
  return digits || roman || letter ? trimmed(heading.substr(end)) : heading;
}

/// Without HTML tags, ":rocket:", "{#anchor}" and the targets of links.
std::string without_dress(std::string_view heading) {
  std::string out;
  for (std::size_t i = 0; i < heading.size();) {
    const char c = heading[i];
    const char closing = c == '<' ? '>' : c == '{' ? '}' : c == ':' ? ':' : 0;
    if (closing) {
      const std::size_t end = heading.find(closing, i + 1);
      const bool whole =
          end != std::string_view::npos && end - i < 80 &&
          (c != ':' || (end > i + 1 && heading.substr(i, end - i).find(' ') == std::string_view::npos));
      i = whole ? end + 1 : i + 1;
      out += ' ';
    } else if (heading.substr(i, 2) == "](") {
      const std::size_t end = heading.find(')', i);
      i = end == std::string_view::npos ? i + 2 : end + 1;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

std::string without_spaces(std::string_view text) {
  std::string bare(text);
  std::erase(bare, ' ');
  return bare;
}

}  // namespace

std::string heading_key(std::string_view heading) {
  const std::string bare = without_dress(heading.substr(0, 400));
  // An emoji or emphasis may stand before the number.
  std::size_t begin = 0;
  while (begin < bare.size() && !is_letter_or_digit(bare[begin])) ++begin;
  std::string key;
  const std::string_view rest = without_numbering(trimmed(std::string_view(bare).substr(begin)));
  for (const char c : rest) {
    if (is_letter_or_digit(c)) {
      key += lowered(c);
    } else if (c == '&') {
      key += key.empty() || key.back() == ' ' ? "and " : " and ";
    } else if ((is_white(c) || c == '/' || c == '_') && !key.empty() && key.back() != ' ') {
      key += ' ';
    }  // "set-up" is "setup"; an accent or an emoji says nothing
  }
  while (key.ends_with(' ')) key.pop_back();
  return key;
}

AskedHeading::AskedHeading(std::string_view asked) : keys_{heading_key(asked)} {
  if (asked.find('/') != std::string_view::npos) {
    for (std::size_t begin = 0; begin <= asked.size();) {
      const std::size_t end = std::min(asked.find('/', begin), asked.size());
      keys_.push_back(heading_key(asked.substr(begin, end - begin)));
      begin = end + 1;
    }
  }
  std::erase(keys_, "");
}

bool AskedHeading::is(std::string_view key) const {
  const std::string bare = without_spaces(key);
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& k) { return without_spaces(k) == bare; });
}

bool AskedHeading::begins(std::string_view key) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& k) { return key.starts_with(k + " "); });
}

bool is_heading(std::string_view heading, std::string_view asked) {
  return AskedHeading(asked).is(heading_key(heading));
}

}  // namespace assay::reports::check
