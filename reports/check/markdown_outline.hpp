// What a Markdown document is made of, as far as a checker must know: its headings, and what stands below
// each. One pass, no Markdown library: what it can't place it takes for words. Whoever wrote the document may
// mean harm; time is linear in its length, and memory a small multiple of it.
//
//     const Outline outline = outline_of("## 1. Group info:\n- Ada, ada@example.org\n");
//     outline.find("Group Info")->lists.front().items == 1
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/check/markdown_inline.hpp"

namespace assay::reports::check {

/// Longer documents aren't outlined by the checks: nobody hands in a book.
inline constexpr std::size_t kLongestDocument = std::size_t{1} << 20;  // bytes

struct BulletList {
  int line = 0;   // of its first item
  int items = 0;  // of this list; those of a list inside an item are that list's
  int depth = 1;
};

/// A line that a reader sees: no comment, no front matter.
struct OutlineLine {
  std::string text;
  int number = 0;  // from 1
  bool code = false;
};

struct Section {
  int level = 0;                   // 1 for "#"; 0: what stands before the first heading
  int line = 0;                    // of the heading
  std::string heading;             // as written, without its marks
  std::string key;                 // of the heading, for comparison
  std::size_t begin = 0, end = 0;  // its own body in Outline::lines, up to the next heading of any level
  int words = 0;                   // that somebody wrote: without code and what a template asks for
  int code_lines = 0;
  int images = 0;
  int prompts = 0;      // places where the template still says what is to be written
  int prompt_line = 0;  // of the first
  std::vector<BulletList> lists;

  bool written() const { return words > 0 || code_lines > 0 || images > 0; }
};

struct OutlineImage {
  std::string alt;
  std::string target;
  int line = 0;
  bool captioned = false;  // alt text, or a line "Figure 1: …" next to it
};

struct OutlineLink {
  std::string target;
  int line = 0;
};

struct Outline {
  std::vector<Section> sections;  // the first is what stands before the first heading
  std::vector<OutlineImage> images;
  std::vector<OutlineLink> links;
  std::vector<InlineCitation> citations;
  std::vector<OutlineLine> lines;
  std::vector<std::pair<std::string, int>>
      bold_lines;  // "**Group Info**" alone on a line: looks like a heading, is none
  int words = 0;

  /// The section of the heading that is asked for: the same words, else the first that begins with them.
  /// Null: none.
  const Section* find(std::string_view asked) const;
  /// The section and all below it.
  bool written(const Section& section) const;
  /// The first line below `section`, of it or of what is below it, where the template still asks; 0: none.
  int prompt_line(const Section& section) const;
};

Outline outline_of(std::string_view markdown);

}  // namespace assay::reports::check
