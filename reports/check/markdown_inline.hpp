// What stands inside a paragraph of Markdown, as far as a checker must know: images, links and citations. Code spans
// hold none. Linear in the paragraph's length.
//
//     inline_parts("As [1](https://a.example) and @smith2020 say", 12).citations.front().key == "smith2020"
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace assay::reports::check {

struct InlineImage {
  std::string alt, target;
  std::string reference;  // "![alt][reference]": its target stands elsewhere
  int line = 0;
};

struct InlineLink {
  std::string target;
  std::string reference;
  int line = 0;
};

/// "@key", as Pandoc cites.
struct InlineCitation {
  std::string key;
  int line = 0;
  bool in_brackets = false;  // "[@key]": can be nothing else
};

struct InlineParts {
  std::vector<InlineImage> images;
  std::vector<InlineLink> links;
  std::vector<InlineCitation> citations;
};

/// `first_line` is the number of the paragraph's first line.
InlineParts inline_parts(std::string_view paragraph, int first_line);

/// Where code spans of `text` end, asked for rising places.
class CodeSpans {
public:
  explicit CodeSpans(std::string_view text);
  /// At a backtick: behind the span that begins there, or behind the backticks if nothing closes them.
  std::size_t behind(std::size_t at) const;

private:
  std::string_view text_;
  std::map<std::size_t, std::size_t> last_run_;  // length of a run of backticks → where the last one of it begins
};

/// How many of `c` stand at `at`.
std::size_t run_length(std::string_view text, std::size_t at, char c);

}  // namespace assay::reports::check
