#include "reports/check/plain_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace assay::reports::check {

namespace {

/// Code point at `i` and its length; length 0 where the bytes are no UTF-8 (overlong and surrogates too).
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(i);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 && lead < 0xf5   ? 4
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                                                           : 0;
  if (length == 0 || i + length > text.size()) return {0, 0};
  std::uint32_t point = lead & (0xffu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0u) != 0x80) return {0, 0};
    point = point << 6 | (byte(i + k) & 0x3fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return {0, 0};
  return {point, length};
}

/// Steers a terminal, turns the direction of text, or can't be seen.
bool is_hidden(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
         (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) ||
         (point >= 0xe0000 && point <= 0xe007f);
}

}  // namespace

std::string plain_text(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= most) return out + "…";
    const auto [point, length] = code_point(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    if (point == ' ' || (point >= '\t' && point <= '\r')) {
      out += ' ';
    } else if (is_hidden(point)) {
      out += fmt::format("\\u{{{:X}}}", point);
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
