#include "cli/words.hpp"

#include <fmt/format.h>

#include "harness/core/ascii.hpp"

namespace assay::cli {

namespace {

constexpr std::string_view kBlanks = " \t\n";

bool is_name(char c) { return is_letter_or_digit(c) || c == '_'; }

/// "$HOME", "$(", "${": what stands at a dollar; empty if it is one that a shell leaves alone.
std::string expansion_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return "";
  if (text[at + 1] == '(' || text[at + 1] == '{') return std::string(text.substr(at, 2));
  std::size_t end = at + 1;
  while (end < text.size() && is_name(text[end])) ++end;
  return end > at + 1 ? std::string(text.substr(at, end - at)) : "";
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'') quote = 0; else word += c;
    } else if (quote == '"') {
      const bool escapes = c == '\\' && i + 1 < text.size() && std::string_view("\"\\$`\n").find(text[i + 1]) != std::string_view::npos;
      if (c == '"') {
        quote = 0;
      } else if (escapes) {
        if (text[++i] != '\n') word += text[i];
      } else {
        word += c;
      }
    } else if (kBlanks.find(c) != std::string_view::npos) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      in_word = true;
      if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '\\') {
        if (i + 1 == text.size()) return Error{"it ends with a backslash; remove it, or write \\\\"};
        if (text[++i] != '\n') word += text[i];
      } else {
        word += c;
      }
    }
  }
  if (quote != 0) return Error{fmt::format("a quote ({}) isn't closed; add it, or write \\{}", quote, quote)};
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::string shell_syntax_in(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'') quote = 0;
      continue;
    }
    if (c == '\\') {
      ++i;
      continue;
    }
    if (c == '`') return "`";
    if (c == '$') {
      if (std::string found = expansion_at(text, i); !found.empty()) return found;
    }
    if (quote == '"') {
      if (c == '"') quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (std::string_view("|&;<>*?").find(c) != std::string_view::npos) return std::string(1, c);
    if (c == '~' && (i == 0 || kBlanks.find(text[i - 1]) != std::string_view::npos)) return "~";
  }
  return "";
}

}  // namespace assay::cli
