#include "reports/check/markdown_inline.hpp"

#include <algorithm>
#include <utility>

#include "harness/core/ascii.hpp"

namespace assay::reports::check {

std::size_t run_length(std::string_view text, std::size_t at, char c) {
  std::size_t end = at;
  while (end < text.size() && text[end] == c) ++end;
  return end - at;
}

CodeSpans::CodeSpans(std::string_view text) : text_(text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t ticks = run_length(text, i, '`');
    if (ticks > 0) last_run_[ticks] = i;
    i += std::max<std::size_t>(1, ticks);
  }
}

std::size_t CodeSpans::behind(std::size_t at) const {
  const std::size_t ticks = run_length(text_, at, '`');
  std::size_t end = at + ticks;
  const auto last = last_run_.find(ticks);
  if (last == last_run_.end() || last->second <= at) return end;
  while (run_length(text_, end, '`') != ticks) end += std::max<std::size_t>(1, run_length(text_, end, '`'));
  return end + ticks;
}

namespace {

/// Behind "](": the destination, without its title. Returns where it ends (behind the parenthesis), or `at`
/// if it never does.
std::size_t scan_destination(std::string_view text, std::size_t at, std::string& target) {
  constexpr int kDeepest = 32;  // as CommonMark
  std::size_t i = at;
  while (i < text.size() && is_white(text[i])) ++i;
  const bool angled = i < text.size() && text[i] == '<';
  const std::size_t begin = angled ? ++i : i;
  int depth = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (angled ? c == '>' || c == '<' || c == '\n' : is_white(c)) break;
    if (!angled && c == '(' && ++depth > kDeepest) return at;
    if (!angled && c == ')' && depth-- == 0) break;
  }
  target = text.substr(begin, i - begin);
  // A title in quotes may follow; no more than a few hundred characters are looked at.
  constexpr std::size_t kLongestTitle = 400;
  const std::size_t limit = std::min(text.size(), i + kLongestTitle);
  char quote = 0;
  for (; i < limit; ++i) {
    const char c = text[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == ')') {
      return i + 1;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(' || c == '[' || c == ']') {
      return at;
    }
  }
  return at;
}

class Reader {
public:
  Reader(std::string_view text, int line) : text_(text), line_(line), code_(text) {}

  InlineParts parts() {
    for (std::size_t i = 0; i < text_.size();) {
      const std::size_t end = read(i);
      line_ += static_cast<int>(std::count(text_.begin() + static_cast<long>(i), text_.begin() + static_cast<long>(end), '\n'));
      i = end;
    }
    return std::move(parts_);
  }

private:
  struct Bracket {
    std::size_t at;
    bool image;
    int line;
  };

  /// Takes what stands at `at`, and says where to go on.
  std::size_t read(std::size_t at) {
    const char c = text_[at];
    const std::string_view rest = text_.substr(at);
    const char before = at > 0 ? text_[at - 1] : ' ';
    if (c == '\\' && rest.size() > 1 && rest[1] != '\n') return at + 2;
    if (c == '`') return code_.behind(at);
    if (c == '<') return read_tag(at);
    if (c == '[') open_.push_back({at, before == '!', line_});
    if (c == ']' && !open_.empty()) return close_bracket(at);
    if ((rest.starts_with("http://") || rest.starts_with("https://")) && !is_letter_or_digit(before)) return read_address(at);
    if (c == '@' && std::string_view(" \t\n[(;-").find(before) != std::string_view::npos) return read_citation(at);
    return at + 1;
  }

  std::size_t close_bracket(std::size_t at) {
    const Bracket begin = open_.back();
    open_.pop_back();
    const std::string words(text_.substr(begin.at + 1, std::min<std::size_t>(at - begin.at - 1, 2000)));
    std::string target, reference;
    std::size_t end = at + 1;
    if (end < text_.size() && text_[end] == '(') {
      end = scan_destination(text_, end + 1, target);
      if (end == at + 2) end = at + 1, target.clear();
    } else if (end < text_.size() && text_[end] == '[') {
      const std::size_t close = text_.find_first_of("[]", end + 1);
      if (close != std::string_view::npos && text_[close] == ']') {
        reference = close == end + 1 ? words : std::string(text_.substr(end + 1, close - end - 1));
        end = close + 1;
      }
    }
    if (target.empty() && reference.empty()) return end;
    if (begin.image)
      parts_.images.push_back({words, target, reference, begin.line});
    else
      parts_.links.push_back({target, reference, line_});
    return end;
  }

  std::size_t read_citation(std::size_t at) {
    std::size_t end = at + 1;
    while (end < text_.size() &&
           (is_letter_or_digit(text_[end]) || text_[end] == '_' ||
            (end > at + 1 && std::string_view(":.#$%&-+?~/").find(text_[end]) != std::string_view::npos)))
      ++end;
    std::string key(text_.substr(at + 1, end - at - 1));
    while (!key.empty() && !is_letter_or_digit(key.back()) && key.back() != '_') key.pop_back();
    if (!key.empty()) parts_.citations.push_back({std::move(key), line_, !open_.empty()});
    return end;
  }

  std::size_t read_tag(std::size_t at);
  std::size_t read_address(std::size_t at);

  std::string_view text_;
  int line_;
  CodeSpans code_;
  std::vector<Bracket> open_;
  InlineParts parts_;
};

/// At "<": an <img> is an image, an <a href> or <https://…> a link; other tags say nothing. Returns where to
/// go on.
std::size_t Reader::read_tag(std::size_t at) {
  if (at + 1 == text_.size() || (!is_letter(text_[at + 1]) && text_[at + 1] != '/')) return at + 1;
  const std::size_t end = text_.find_first_of("<>", at + 1);
  if (end == std::string::npos || text_[end] == '<') return at + 1;
  const std::string tag(text_.substr(at + 1, end - at - 1));
  const std::string lower = lower_case(tag);
  const auto attribute = [&](std::string_view name) -> std::string {
    for (std::size_t found = lower.find(name); found != std::string::npos;
         found = lower.find(name, found + 1)) {
      std::size_t i = found + name.size();
      if (found == 0 || !is_white(lower[found - 1])) continue;
      while (i < tag.size() && is_white(tag[i])) ++i;
      if (i == tag.size() || tag[i] != '=') continue;
      ++i;
      while (i < tag.size() && is_white(tag[i])) ++i;
      if (i == tag.size()) return "";
      const bool quoted = tag[i] == '"' || tag[i] == '\'';
      const std::size_t close = quoted ? tag.find(tag[i], i + 1) : tag.find_first_of(" \t\n", i);
      const std::size_t begin = quoted ? i + 1 : i;
      return tag.substr(begin, close == std::string::npos ? close : close - begin);
    }
    return "";
  };
  if (lower.starts_with("img") && lower.size() > 3 && is_white(lower[3])) {
    parts_.images.push_back({attribute("alt"), attribute("src"), {}, line_});
  } else if (lower.starts_with("a") && lower.size() > 1 && is_white(lower[1])) {
    if (const std::string target = attribute("href"); !target.empty()) parts_.links.push_back({target, {}, line_});
  } else if (lower.starts_with("http://") || lower.starts_with("https://")) {
    parts_.links.push_back({tag, {}, line_});
  }
  return end + 1;
}

/// At "http://" or "https://" in running text_.
std::size_t Reader::read_address(std::size_t at) {
  std::size_t end = at;
  while (end < text_.size() && !is_white(text_[end]) &&
         std::string_view("<>()[]\"'`|").find(text_[end]) == std::string_view::npos)
    ++end;
  std::string target(text_.substr(at, end - at));
  while (!target.empty() && std::string_view(".,;:!?*_").find(target.back()) != std::string_view::npos)
    target.pop_back();
  parts_.links.push_back({std::move(target), {}, line_});
  return end;
}

}  // namespace

InlineParts inline_parts(std::string_view paragraph, int first_line) {
  return Reader(paragraph, first_line).parts();
}

}  // namespace assay::reports::check
