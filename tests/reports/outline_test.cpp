// Markdown and BibTeX as students and attackers write them.
#include <string>

#include "reports/check/bibliography.hpp"
#include "reports/check/heading.hpp"
#include "reports/check/markdown_outline.hpp"
#include "reports/check/plain_text.hpp"
#include "tests/catch.hpp"

using namespace assay::reports::check;

namespace {

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("a heading is found in whatever dress it stands") {
  for (const char* written :
       {"# Group Info", "## 1. Group info:", "### **Group Info**", "## 👥 Group Info",
        "## :busts_in_silhouette: Group Info", "## [Group Info](#x) {#group}", "Group Info\n----------",
        "<h2 align=\"center\">Group Info</h2>", "## II. *Group* info ##", "##\tGroup-Info"}) {
    INFO(written);
    const Outline outline = outline_of(std::string(written) + "\n\n- Ada\n");
    REQUIRE(outline.find("Group Info"));
    CHECK(outline.find("Group Info")->lists.size() == 1);
  }
  for (const char* other : {"Group Info", "#Group Info", "    # Group Info", "```\n# Group Info\n```",
                            "<!--\n# Group Info\n-->", "`# Group Info`", "## Info of the group"}) {
    INFO(other);
    CHECK_FALSE(outline_of(std::string(other) + "\n\n- Ada\n").find("Group Info"));
  }
}

TEST_CASE("alternatives and longer headings satisfy what is asked, the exact one first") {
  const Outline outline =
      outline_of("# T\n## Results so far\nx\n## Abstract\ny\n## Results\nz\n## Discussion & Limitations\n");
  CHECK(outline.find("Project Summary/Abstract")->line == 4);
  CHECK(outline.find("Results")->line == 6);
  CHECK(outline.find("Results so far")->line == 2);
  CHECK(outline.find("Discussion and Limitations"));
  CHECK_FALSE(outline.find("Result"));
  CHECK(is_heading("Experimental Set-up", "Experimental Setup"));
}

TEST_CASE("front matter, comments and code hold no headings, and an unclosed one ends nothing before it") {
  const Outline outline = outline_of(
      "---\ntitle: x\n# no\n---\n# One\ntext `<!--` more\n## Two <!-- hidden\n# no\n--> seen\n~~~~\n# "
      "no\n~~~\n# no\n~~~~\n# Three\n");
  std::vector<std::string> keys;
  for (const Section& s : outline.sections) keys.push_back(s.key);
  CHECK(keys == std::vector<std::string>{"", "one", "two", "three"});
  CHECK(outline.sections[1].words == 2);
}

TEST_CASE("bullets are counted by list, nested ones by their own") {
  const Outline outline = outline_of(
      "# A\n- one\n- two\n  - in\n  - in\n\n    still two\n- three\n\ntext\n\n1. x\n2. y\n\n* * *\n");
  const auto& lists = outline.sections[1].lists;
  REQUIRE(lists.size() == 3);
  CHECK(lists[0].items == 3);
  CHECK(lists[1].items == 2);
  CHECK(lists[1].depth == 2);
  CHECK(lists[2].items == 2);
  CHECK(lists[2].line == 12);
}

TEST_CASE("a section that holds only what its template asks isn't written") {
  const Outline outline = outline_of(
      "# A\nTODO: the problem.\n\n# B\n*What is the problem, and\nfor whom?*\n\n# C\n<!-- TODO: say it "
      "-->\n\n# D\n- [ ] TODO name\n\n"
      "# E\nTODO: more\n\nIt is slow.\n\n# F\n```\nrun\n```\n\n# G\n\n## Below\nwords\n\n# H\n| TODO: name | "
      "TODO |\n");
  const auto section = [&](const char* name) { return outline.find(name); };
  for (const char* empty : {"A", "B", "C", "D", "H"}) {
    INFO(empty);
    CHECK_FALSE(outline.written(*section(empty)));
    CHECK(outline.prompt_line(*section(empty)) == section(empty)->line + 1);
  }
  CHECK(outline.written(*section("E")));
  CHECK(outline.prompt_line(*section("E")) > 0);
  CHECK(outline.written(*section("F")));
  CHECK(outline.written(*section("G")));
  CHECK_FALSE(section("G")->written());
}

TEST_CASE("images, links and citations come with their lines") {
  const Outline outline = outline_of(
      "# A\n![Latency\nagainst batch](fig/a.svg \"title\")\nsee [b](docs/b%20c.md), <https://x.org>, "
      "https://y.org/z. `[no](no)`\n\n"
      "![][ref] and <img src='c.png' alt=\"C\">\n\n![](d.svg)\n\n*Figure 3: what d shows.*\n\n[ref]: "
      "e.svg\n\n"
      "As [@hoefler15; @x:1] and @knuth say; mail ada@example.org. 5 < 6 [l](m.md)\n");
  REQUIRE(outline.images.size() == 4);
  CHECK(outline.images[0].target == "fig/a.svg");
  CHECK(outline.images[0].line == 2);
  CHECK(outline.images[0].captioned);
  CHECK(outline.images[1].target == "e.svg");
  CHECK_FALSE(outline.images[1].captioned);
  CHECK(outline.images[2].target == "c.png");
  CHECK(outline.images[2].captioned);
  CHECK(outline.images[3].captioned);  // by the line below it
  std::vector<std::string> targets;
  for (const OutlineLink& link : outline.links) targets.push_back(link.target);
  CHECK(targets == std::vector<std::string>{"docs/b%20c.md", "https://x.org", "https://y.org/z", "m.md"});
  CHECK(outline.links[0].line == 4);
  REQUIRE(outline.citations.size() == 3);
  CHECK(outline.citations[1].key == "x:1");
  CHECK(outline.citations[1].in_brackets);
  CHECK_FALSE(outline.citations[2].in_brackets);
}

TEST_CASE("a hostile document of a megabyte costs no more than its length") {
  // Quadratic work on any of these would take minutes; ctest's time limit is what fails.
  constexpr int kMiB = 1 << 20;
  for (const char* part :
       {"[",    "![",   "](",       "<", "<img ", "`",  "<!--",   "`` ` ", "*",    "@",    "- ",   "> ",  "#",
        "[a](", "[a][", "<a href=", "(", "|",     "\n", "\n\n# ", "1. ",   "((((", "](((", "\"](", "\xff"}) {
    const std::string text = repeated(part, kMiB / static_cast<int>(std::string(part).size()));
    const Outline outline = outline_of(text);
    CHECK(outline.sections.size() <= text.size() + 1);
    read_bibtex(text);
  }
  std::string deep;
  for (int i = 0; i < 1400; ++i) deep += std::string(static_cast<std::size_t>(i) / 2, ' ') + "- x\n";
  CHECK(outline_of(deep).words == 1400);
}

TEST_CASE("BibTeX is read between prose, with nested braces, joined values and both kinds of quotes") {
  const Bibliography read = read_bibtex(
      "Mail a@b.edu, @octocat.\n```bibtex\n@InProceedings{hoefler15,\n  title = {Scientific {B}enchmarking, "
      "of \"systems\"},\n  author = \"Hoefler, T. and {Belli}, R.\",\n"
      "  month = nov # \" 2015\",\n  year = 2015\n}\n```\n@string{x = \"y\"}\n@article(no, title={x})\n");
  REQUIRE(read.entries.size() == 1);
  const BibEntry& entry = read.entries.front();
  CHECK(entry.type == "inproceedings");
  CHECK(entry.line == 3);
  CHECK(entry.field("title") == "Scientific {B}enchmarking, of \"systems\"");
  CHECK(entry.field("author") == "Hoefler, T. and {Belli}, R.");
  CHECK(entry.field("month") == "nov 2015");
  CHECK(entry.field("year") == "2015");
}

TEST_CASE("a brace that is missing costs one entry") {
  const Bibliography read = read_bibtex(
      "@article{a, title = {x}, year = 1\n@book{b, title = {y}, author = {z}, year = 2}\n@misc{c, title = "
      "{never closed\n");
  REQUIRE(read.entries.size() == 3);
  CHECK_FALSE(read.entries[0].closed);
  CHECK(read.entries[1].closed);
  CHECK(read.entries[1].field("year") == "2");
  CHECK(read.entries[1].line == 2);
  CHECK_FALSE(read.entries[2].closed);
  CHECK(read_bibtex(repeated("@article{", 20000)).entries.size() <= kMostEntries);
  CHECK(read_bibtex(repeated("\n@a{", 20000)).entries.empty());  // no keys
}

TEST_CASE("no text reaches a terminal or a Markdown file with what it could do there") {
  CHECK(plain_text("a\x1b[31mb\xe2\x80\xae"
                   "c\n\xff\xc0\xaf") == "a\\u{001B}[31mb\\u{202E}c \\xFF\\xC0\\xAF");
  CHECK(plain_text("größer", 100) == "größer");
  CHECK(plain_text(std::string(1000, 'x'), 10) == "xxxxxxxxxx…");
  CHECK(markdown_text("<script>[x](javascript:1) @team http://x *b* `c`") ==
        "&lt;script&gt;\\[x\\](javascript:1) &#64;team http\\://x \\*b\\* \\`c\\`");
}
