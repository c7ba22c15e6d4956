// The parts of a document that need no tool: its pruned tree, its numbers, its front matter, its pictures'
// paths.
#include <fstream>

#include "reports/archive_times.hpp"
#include "reports/document_tree.hpp"
#include "reports/front_matter.hpp"
#include "reports/numbering.hpp"
#include "reports/pictures.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using record::fake::TemporaryFolder;

Json paragraph(Json inlines) {
  return node("Para", std::move(inlines));
}

Json link(const std::string& text, const std::string& target) {
  return node("Link", Json::array({attribute(""), inlines_of(text), Json::array({target, ""})}));
}

Json image(const std::string& caption, const std::string& source, const std::string& id = "") {
  return node("Image", Json::array({attribute(id), inlines_of(caption), Json::array({source, ""})}));
}

Json raw(const char* type, const std::string& html) {
  return node(type, Json::array({"html", html}));
}

Json table(const std::string& caption = "") {
  Json captions = Json::array();
  if (!caption.empty()) captions.push_back(node("Plain", inlines_of(caption)));
  const Json none = Json::array({attribute(""), Json::array()});
  return node("Table", Json::array({attribute(""), Json::array({nullptr, captions}), Json::array(), none,
                                    Json::array(), none}));
}

Json pruned(Json blocks) {
  return pruned_blocks(blocks, {{"a.svg", "picture-1.svg"}});
}

}  // namespace

TEST_CASE("a pruned tree has no raw HTML or TeX, no attribute, and no link or image that leads elsewhere") {
  Json span = node("Span", Json::array({Json::array({"x", Json::array({"fine", "no\"class"}),
                                                     Json::array({Json::array({"src", "/etc/passwd"})})}),
                                        inlines_of("kept")}));
  const Json left = pruned(
      Json::array({raw("RawBlock", "<iframe src=/etc/passwd>"),
                   node("RawBlock", Json::array({"tex", "\\input{/etc/passwd}"})),
                   paragraph(Json::array({raw("RawInline", "<img src=/etc/passwd>"), span,
                                          link("here", "javascript:alert(1)"), link("there", "https://x.org"),
                                          image("secret", "/etc/passwd"), image("mine", "a.svg"),
                                          raw("RawInline", "<br>")}))}));
  REQUIRE(left.size() == 1);
  const std::string text = canonical_json(left);
  CHECK_THAT(text, !ContainsSubstring("passwd"));
  CHECK_THAT(text, !ContainsSubstring("javascript"));
  CHECK_THAT(text, !ContainsSubstring("class"));
  CHECK_THAT(text, ContainsSubstring("https://x.org"));
  CHECK_THAT(text, ContainsSubstring("picture-1.svg"));
  CHECK_THAT(text, ContainsSubstring("LineBreak"));
  CHECK(text_of(left) == "keptheretheremine ");
}

TEST_CASE("figures and tables are numbered apart, and references get their numbers before and behind them") {
  Json blocks = pruned(Json::array({
      paragraph(Json::array({link("Figure", "#fig:two"), link("Fig. 9", "#fig:one"), link("", "#tbl:plan"),
                             link("Table", "#tbl:lab-a")})),
      paragraph(Json::array({image("One", "a.svg", "fig:one")})),
      paragraph(Json::array({image("Two", "a.svg"), raw("RawInline", "<!-- #fig:two -->")})),
      table("The plan {#tbl:plan}"),
      raw("RawBlock", "<!-- assay: begin table lab/a -->"),
      table(),
      paragraph(inlines_of("Ratios of rows.")),
      node("BulletList", Json::array({Json::array({node("Plain", inlines_of("a note"))})})),
      paragraph(Json::array({raw("RawInline", "<sub>"), node("Str", "Run"), raw("RawInline", "</sub>")})),
      raw("RawBlock", "<!-- assay: end table 12345678 -->\n<!-- #tbl:mine -->"),
      paragraph(Json::array({link("Table", "#tbl:mine")})),
  }));
  const auto done = number_parts(blocks, {.name = "r.md", .source = ""});
  REQUIRE(done);
  const std::string space = "\u00a0";
  CHECK(text_of(blocks[0]) ==
        "Figure" + space + "2" + "Fig." + space + "1" + "Table" + space + "1" + "Table" + space + "2");
  CHECK(text_of(blocks[1]) == "Figure" + space + "1: One");
  REQUIRE(blocks.size() == 6);
  const Json& filled = blocks[4]["c"][1];
  REQUIRE(filled.size() == 3);  // table with its caption, notes, provenance
  CHECK(text_of(filled[0]["c"][1]) == "Table" + space + "2: Ratios of rows.");
  CHECK(filled[1]["c"][0][1][0] == "notes");
  CHECK(filled[2]["c"][0][1][0] == "provenance");
  CHECK(text_of(blocks[5]) == "Table" + space + "2");
}

TEST_CASE("a reference to nothing and a label of two are mistakes with their line") {
  Json unknown = pruned(Json::array({paragraph(Json::array({image("One", "a.svg", "fig:one")})),
                                     paragraph(Json::array({link("Figure", "#fig:lader")}))}));
  const auto none = number_parts(unknown, {.name = "r.md", .source = "a\nb [Figure](#fig:lader)\n"});
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message,
             ContainsSubstring("r.md:2: no figure is labelled fig:lader; there are fig:one"));
  Json twice = pruned(Json::array({paragraph(Json::array({image("One", "a.svg", "fig:one")})),
                                   paragraph(Json::array({image("Two", "a.svg", "fig:one")}))}));
  const auto both = number_parts(twice, {.name = "r.md", .source = "{#fig:one}\n\n{#fig:one}\n"});
  REQUIRE_FALSE(both);
  CHECK_THAT(both.error().message, ContainsSubstring("r.md:3: 'fig:one' labels two"));
}

TEST_CASE("the front matter is a white list: what could be an option of a program is named as unused") {
  const auto text = [](const char* value) { return node("MetaInlines", inlines_of(value)); };
  const Json meta{{"title", text("T")},
                  {"style", text("conference")},
                  {"css", text("/etc/passwd")},
                  {"header-includes", text("x")}};
  const auto front = read_front_matter(meta, "r.md");
  REQUIRE(front);
  CHECK(front->style == DocumentStyle::conference);
  CHECK(front->numbered_sections);
  CHECK(front->unused == std::vector<std::string>{"css", "header-includes"});
  CHECK(canonical_json(front->shown).find("passwd") == std::string::npos);
  const auto wrong = read_front_matter({{"style", text("fancy")}}, "r.md");
  REQUIRE_FALSE(wrong);
  CHECK_THAT(wrong.error().message,
             ContainsSubstring("r.md: style: 'fancy' is none; it takes plain, conference or slides"));
  CHECK_FALSE(read_front_matter({{"lang", text("en --css=x")}}, "r.md"));
}

TEST_CASE("a path of a document stays below its folder, also through links and percent signs") {
  TemporaryFolder folder;
  const fs::path inside = folder.path() / "inside";
  fs::create_directories(inside / "figures");
  std::ofstream(inside / "figures" / "a b.svg") << "x";
  std::ofstream(folder.path() / "secret.png") << "x";
  fs::create_symlink(folder.path() / "secret.png", inside / "link.png");
  CHECK(path_below(inside, "figures/a%20b.svg"));
  for (const char* bad : {"../secret.png", "link.png", "/etc/passwd", "file:///etc/passwd",
                          "%2e%2e/secret.png", "%2fetc/passwd", "figures", "http://x/y.png",
                          "data:image/png;base64,AA", "//host/x.png", "", "no.png"})
    CHECK_FALSE(path_below(inside, bad));
}

TEST_CASE("the times in an archive are fixed, and what is none is left alone") {
  std::string archive("PK\3\4\0\0\0\0\0\0\xaa\xbb\xcc\xdd", 14);
  archive.resize(30, 'l');
  const std::size_t central = archive.size();
  archive += std::string("PK\1\2", 4) + std::string(8, '\0') + "\xaa\xbb\xcc\xdd" + std::string(30, '\0');
  archive += std::string("PK\5\6", 4) + std::string(6, '\0') + std::string("\1\0", 2) + std::string(4, '\0');
  archive += static_cast<char>(central);
  archive += std::string(5, '\0');
  fix_archive_times(archive);
  CHECK(archive.find("\xaa\xbb") == std::string::npos);
  CHECK(archive.substr(10, 4) == std::string("\0\0\x21\0", 4));
  for (std::string other :
       {std::string("PK\5\6"), std::string("no archive"), std::string("PK\5\6") + std::string(18, '\xff')}) {
    const std::string before = other;
    fix_archive_times(other);
    CHECK(other == before);
  }
}

}  // namespace assay::reports::test
