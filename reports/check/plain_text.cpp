#include "reports/check/plain_text.hpp"

#include <algorithm>

#include "harness/core/ascii.hpp"
#include "harness/core/printable.hpp"

namespace assay::reports::check {

std::string plain_text(std::string_view text, std::size_t most) {
  std::string line(text.substr(0, most + 1));  // no character becomes shorter
  std::replace_if(line.begin(), line.end(), is_white, ' ');
  return printable(line, most);
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
