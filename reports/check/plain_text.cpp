#include "reports/check/plain_text.hpp"

#include <fmt/format.h>

#include "harness/core/utf8.hpp"

namespace assay::reports::check {

std::string plain_text(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= most) return out + "…";
    const auto [point, length] = first_character(text.substr(i));
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    if (point == ' ' || (point >= '\t' && point <= '\r')) {
      out += ' ';
    } else if (!is_shown(point)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<unsigned>(point));
    } else {
      out.append(text, i, length);
    }
    i += length;
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::string markdown_text(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : plain_text(text, most)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += "&#64;";  // or GitHub tells somebody that they were mentioned
    } else {
      const bool acts = std::string_view("\\`*_[]|~$").find(c) != std::string_view::npos;
      const bool opens_block = out.empty() && std::string_view("#+-=").find(c) != std::string_view::npos;
      const bool address =
          c == ':' && (out.ends_with("http") || out.ends_with("https") || out.ends_with("ftp"));
      if (acts || opens_block || address) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace assay::reports::check
