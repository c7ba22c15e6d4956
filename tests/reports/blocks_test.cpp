// The marked blocks of a document: what is a marker, what stands in a block, and that nothing else changes.
#include "reports/blocks.hpp"

#include <sys/stat.h>

#include <fstream>

#include "harness/core/random.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/fill.hpp"
#include "reports/into.hpp"
#include "tests/catch.hpp"
#include "tests/reports/two_runs.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using State = FilledBlock::State;

const Templates& templates() {
  static const Templates all = *Templates::open(templates_folder());
  return all;
}

Result<Filled> fill(std::string_view text,
                    const std::vector<const Report*>& reports = {&runs().ladder.report}, bool force = false) {
  return fill_blocks(text, reports, templates(),
                     {.name = "docs/report.md", .file = "report.md", .force = force});
}

std::string filled(std::string_view text,
                   const std::vector<const Report*>& reports = {&runs().ladder.report}) {
  const auto done = fill(text, reports);
  return done ? done->text : "(" + done.error().message + ")";
}

std::string message(std::string_view text,
                    const std::vector<const Report*>& reports = {&runs().ladder.report}) {
  const auto done = fill(text, reports);
  return done ? "(filled)" : done.error().message;
}

std::string block(const std::string& begin, const std::string& content = "") {
  return "<!-- assay: begin " + begin + " -->\n" + content + "<!-- assay: end " +
         begin.substr(0, begin.find(' ')) + " -->\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// The text without what stands in blocks and without the hashes of their ends: what must stay.
std::string outside(std::string_view text) {
  const auto blocks = find_blocks(text, "text");
  if (!blocks) return blocks.error().message;
  std::string kept;
  std::size_t copied = 0;
  for (const Block& b : *blocks) {
    kept += text.substr(copied, b.content_begin - copied);
    kept += text.substr(b.content_end, b.mark_begin - b.content_end);
    copied = b.mark_end;
  }
  return kept.append(text.substr(copied));
}

std::string text_of(const fs::path& file) {
  const auto text = record::read_file(file);
  return text ? *text : "(" + text.error().message + ")";
}

void write(const fs::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

// ── Markers ──────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a block is found with its kind, table, run, file, hash and line") {
  const auto blocks = find_blocks(
      "# Title\n\n<!-- assay: begin table 12 matmul-ladder/ladder -->\nold\n  <!--assay:end table "
      "0123abcd-->  \n"
      "<!-- assay: begin figure file=a/b.svg 20261124T101500Z-1a2b3c4d -->\n<!-- assay: end figure -->",
      "report.md");
  REQUIRE(blocks);
  REQUIRE(blocks->size() == 2);
  const Block& table = blocks->front();
  CHECK(table.described() == "table 12 of matmul-ladder/ladder");
  CHECK(table.hash == "0123abcd");
  CHECK(table.line == 3);
  const Block& figure = blocks->back();
  CHECK(figure.described() == "figure of 20261124T101500Z-1a2b3c4d");
  CHECK(figure.file == "a/b.svg");
  CHECK(figure.hash.empty());
}

TEST_CASE("a marker in code, in a sentence or indented as code is none") {
  const std::string b = block("table");
  for (const std::string& text :
       {"```\n" + b + "```\n", "~~~~ markdown\n```\n" + b + "~~~\n" + b + "~~~~\n",
        "  ````\n" + b + "```\n" + b + "````\n", "- ```\n  " + replaced(b, "\n<", "\n  <") + "  ```\n",
        "1. a\n   ```\n" + b + "   ```\n", "> ```\n> " + replaced(b, "\n<", "\n> <") + "> ```\n",
        "> " + replaced(b, "\n<", "\n> <"), "    " + replaced(b, "\n<", "\n    <"),
        std::string("see `<!-- assay: begin table -->` and <!-- assay: end table -->\n"),
        std::string("<!-- say: begin x -->\n")}) {
    INFO(text);
    const auto blocks = find_blocks(text, "report.md");
    REQUIRE(blocks);
    CHECK(blocks->empty());
  }
}

TEST_CASE(
    "a fence ends with its closing, its quotation or its list item, and what follows is a block again") {
  const std::string b = block("table");
  for (const char* before : {"```\ncode\n```\n", "> ```\n> code\n", "- ```\n  code\n\n", "``` a`b\n", "``\n",
                             "~~~\n~~~~\n", "    ```\n"}) {
    INFO(before);
    const auto blocks = find_blocks(before + b, "report.md");
    REQUIRE(blocks);
    CHECK(blocks->size() == 1);
  }
}

TEST_CASE("a marker that can't be understood is one message with file and line") {
  const auto said = [](const std::string& text, const std::string& wanted) {
    const auto blocks = find_blocks(text, "docs/report.md");
    REQUIRE_FALSE(blocks);
    CHECK(blocks.error().message.find('\n') == std::string::npos);
    CHECK_THAT(blocks.error().message, ContainsSubstring(wanted));
  };
  said("\n" + block("tabel"), "docs/report.md:2: no kind of block 'tabel'; there are report, table, figure");
  said("<!-- assay: begin -->\n", "docs/report.md:1: no kind of block ''");
  said("a\n<!-- assay: begin table -->\n\n",
       "docs/report.md:2: this block doesn't end; a line with <!-- assay: end table --> ends it");
  said("<!-- assay: begin table -->\n" + block("figure"),
       "docs/report.md:2: a block can't begin inside that of line 1");
  said(block("table") + "<!-- assay: end table -->\n", "docs/report.md:3: this block ends and has not begun");
  said("<!-- assay: begin table -->\n<!-- assay: end figure -->\n",
       "docs/report.md:2: this doesn't end the block of line 1; it would be <!-- assay: end table -->");
  said("<!-- assay: begin table -->\n<!-- assay: end table 12 -->\n",
       "docs/report.md:2: this doesn't end the block of line 1");
  said("<!-- assay: volume x -->\n", "docs/report.md:1: no marker 'volume'; there are begin and end, and value in a sentence");
  said("<!-- assay: value x -->\n", "docs/report.md:1: a value names what it shows");
  said("a <!-- assay: value run rounds --> b\n", "docs/report.md:1: this value doesn't end on its line");
  said("<!-- assay: begin table --> text\n", "docs/report.md:1: a marker stands alone on its line");
  said("<!-- assay: begin\ntable -->\n", "docs/report.md:1: a marker stands alone on its line");
  said(block("table 1 a b"),
       "docs/report.md:1: 'b' is one word too many: table takes a number and one experiment or run");
  said(block("table file=a.svg"), "docs/report.md:1: no option 'file=a.svg' of table");
  said(block("figure size=3"),
       "docs/report.md:1: no option 'size=3' of figure; figure and report have file=PATH.svg");
  for (const char* file : {"../a.svg", "/a.svg", "a/../../b.svg", "a.png", "a(1).svg", "<a>.svg", ".."}) {
    said(block(std::string("figure file=") + file),
         "docs/report.md:1: '" + std::string(file) + "' can't hold a figure");
  }
}

// ── What stands in a block ───────────────────────────────────────────────────────────────────────

TEST_CASE("each kind of block says what report.md says, and names its run and the command") {
  const auto whole = markdown(runs().ladder.report, templates());
  REQUIRE(whole);
  for (const char* kind :
       {"table", "hypotheses", "controls", "warnings", "environment", "provenance", "figure", "report"}) {
    INFO(kind);
    const std::string text = filled(block(kind) + "prose\n");
    const std::string signature =
        "\n\n<sub>Run 20261124T101500Z-1a2b3c4d of matmul-ladder/ladder, preset quick; filled by `assay "
        "report "
        "20261124T101500Z-1a2b3c4d --into report.md`.</sub>\n\n<!-- assay: end ";
    const std::size_t begin = text.find(" -->\n\n") + 6, end = text.find(signature);
    REQUIRE(end != std::string::npos);
    std::string content =
        replaced(text.substr(begin, end - begin), "figures/matmul-ladder-ladder-ladder.svg", "ladder.svg");
    if (std::string(kind) == "table") {  // which stands alone, and so says what the report says elsewhere
      const std::size_t alone = content.rfind("\n\n");
      CHECK_THAT(content.substr(alone), ContainsSubstring("7 cells planned: 5 measured, 1 unsupported, 1 failed."));
      content.resize(alone);
    }
    CHECK(content.size() > 20);
    CHECK_THAT(*whole, ContainsSubstring(content + "\n"));
    CHECK(text.ends_with(" -->\nprose\n"));
  }
}

TEST_CASE("a part that the run doesn't have is a message, a list that is empty says so") {
  CHECK_THAT(
      message("\n" + block("table 2")),
      ContainsSubstring(
          "docs/report.md:2: no table 2 in run 20261124T101500Z-1a2b3c4d; there is:\n  table 1: Ladder"));
  CHECK_THAT(message(block("table 0")), ContainsSubstring("no table 0"));
  CHECK_THAT(filled(block("table 2"), {&runs().comparison.report}), ContainsSubstring("99.11 %"));
  CHECK_THAT(filled(block("warnings"), {&runs().comparison.report}), ContainsSubstring("\nNo warnings.\n"));
  TemporaryFolder results;
  FakeRun lonely;
  lonely.ends = [](const Place& p) { return p.treatment == 1 ? Ending{Outcome::crashed, "gone"} : Ending{}; };
  const Reported r = reported(results.path(), lonely);
  CHECK_THAT(message(block("figure"), {&r.report}),
             ContainsSubstring("docs/report.md:1: run 20261124T101500Z-1a2b3c4d has no figure"));
  CHECK_THAT(filled(block("report"), {&r.report}), ContainsSubstring("How they were made"));
}

TEST_CASE("a block of another run is left, and one that several runs may mean is a message") {
  const std::vector<const Report*> both{&runs().ladder.report, &runs().comparison.report};
  const std::string text = block("table matmul-ladder/ladder") + block("table precision-ablation") +
                           block("table other/one", "by hand\n");
  const auto done = fill(text, both);
  REQUIRE(done);
  REQUIRE(done->blocks.size() == 3);
  CHECK(done->blocks[0].report == both[0]);
  CHECK(done->blocks[1].report == both[1]);
  CHECK(done->blocks[2].state == State::left);
  CHECK(done->text.ends_with(block("table other/one", "by hand\n")));
  CHECK_THAT(message(block("figure"), both),
             ContainsSubstring("docs/report.md:1: this block (figure) may mean several runs of the command "
                               "line; name the experiment or run in it, "
                               "as in <!-- assay: begin figure matmul-ladder/ladder -->:\n  "
                               "20261124T101500Z-1a2b3c4d of matmul-ladder/ladder\n"));
  Report again = runs().ladder.report;
  again.folder_name = "20261124T111500Z-99999999";
  CHECK_THAT(
      message(block("table matmul-ladder/ladder"), {&runs().ladder.report, &again}),
      ContainsSubstring("name the run in it, as in <!-- assay: begin table 20261124T101500Z-1a2b3c4d -->:"));
  for (const char* name : {"20261124T111500Z-99999999", "matmul-ladder/ladder/20261124T111500Z-99999999"}) {
    const auto one = fill(block(std::string("table ") + name), {&runs().ladder.report, &again});
    REQUIRE(one);
    CHECK(one->blocks[0].report == &again);
  }
}

TEST_CASE("two runs' figures don't collide") {
  Report again = runs().ladder.report;
  again.folder_name = "20261124T111500Z-99999999";
  const auto files = [&](const std::string& text) {
    const auto done = fill(text, {&runs().ladder.report, &again});
    std::vector<std::string> names;
    if (!done) return std::vector{done.error().message};
    for (const BlockFigure& figure : done->figures) names.push_back(figure.file);
    return names;
  };
  CHECK(files(block("figure 20261124T101500Z-1a2b3c4d") + block("figure 20261124T111500Z-99999999") +
              block("report 20261124T111500Z-99999999")) ==
        std::vector<std::string>{"figures/matmul-ladder-ladder-ladder-1a2b3c4d.svg",
                                 "figures/matmul-ladder-ladder-ladder-99999999.svg"});
  const auto one_file = files(block("figure 20261124T101500Z-1a2b3c4d file=f.svg") +
                              block("figure 20261124T111500Z-99999999 file=f.svg"));
  CHECK_THAT(one_file.front(),
             ContainsSubstring("docs/report.md:3: f.svg would hold the figures of two runs"));
}

TEST_CASE("a figure block shows the first figure or, by its number, another; a report block shows all") {
  TemporaryFolder results;
  FakeRun fake = ladder_run();
  for (int t = 0; t < 7; ++t) fake.work[t]["bytes"] = 24e6;
  const Report report = reported(results.path(), fake).report;
  const auto files = [&](const std::string& text) {
    std::vector<std::string> names;
    const auto done = fill(text, {&report});
    REQUIRE(done);
    for (const BlockFigure& figure : done->figures) names.push_back(figure.name + ": " + figure.file);
    return names;
  };
  CHECK(files(block("figure 2")) ==
        std::vector<std::string>{"roofline: figures/matmul-ladder-ladder-roofline.svg"});
  CHECK(files(block("figure 2 file=r.svg")) == std::vector<std::string>{"roofline: r.svg"});
  CHECK(files(block("report file=l.svg")) ==
        std::vector<std::string>{"ladder: l.svg", "roofline: figures/matmul-ladder-ladder-roofline.svg"});
  CHECK_THAT(filled(block("figure 2"), {&report}),
             ContainsSubstring("](figures/matmul-ladder-ladder-roofline.svg)"));
  CHECK_THAT(message(block("figure 3"), {&report}),
             ContainsSubstring("no figure 3 in run 20261124T101500Z-1a2b3c4d; there are:\n  figure 1: "
                               "ladder\n  figure 2: roofline"));
  CHECK_THAT(
      message(block("figure") + block("figure 2 file=figures/matmul-ladder-ladder-ladder.svg"), {&report}),
      ContainsSubstring("would hold two figures"));
}

// ── What is kept ─────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a block that was edited by hand is not overwritten unless forced") {
  const std::string once = filled(block("table") + "prose\n");
  REQUIRE(filled(once) == once);
  const std::string edited = replaced(once, "16.1 s", "1.61 s");
  REQUIRE(edited != once);
  CHECK_THAT(
      message(edited),
      ContainsSubstring("docs/report.md:1: this block (table 1) was edited by hand since it was filled"));
  CHECK_THAT(message(edited), ContainsSubstring("--force"));
  const auto forced = fill(edited, {&runs().ladder.report}, true);
  REQUIRE(forced);
  CHECK(forced->text == once);
  CHECK(forced->blocks[0].state == State::filled);
  CHECK_THAT(message(block("table", "my own table\n")),
             ContainsSubstring("docs/report.md:1: this block (table 1) holds text that Assay didn't write"));
}

TEST_CASE("a block that was emptied, or lost only its hash, is filled again") {
  const std::string once = filled(block("table"));
  const auto blocks = find_blocks(once, "once");
  REQUIRE(blocks);
  const Block& b = blocks->front();
  std::string emptied = once;
  emptied.replace(b.content_begin, b.content_end - b.content_begin, "\n  \n");
  CHECK(filled(emptied) == once);
  CHECK(filled(replaced(once, " " + b.hash + " -->", " -->")) == once);
}

TEST_CASE("an older run's block is replaced by the newer run's") {
  Report newer = runs().ladder.report;
  newer.folder_name = "20261124T111500Z-99999999";
  const auto done = fill(filled(block("table matmul-ladder/ladder")), {&newer});
  REQUIRE(done);
  CHECK(done->blocks[0].state == State::filled);
  CHECK(done->text.find("1a2b3c4d") == std::string::npos);
}

TEST_CASE(
    "CRLF, a byte order mark and a missing last line break stay, and a checkout with other line ends is no "
    "edit") {
  const std::string lf = filled("# T\n\n" + block("table") + "end");
  const std::string crlf = filled("\xEF\xBB\xBF# T\r\n\r\n" + replaced(block("table"), "\n", "\r\n") + "end");
  CHECK(crlf == "\xEF\xBB\xBF" + replaced(lf, "\n", "\r\n"));
  CHECK(filled(crlf) == crlf);
  const std::string at_the_end = "\xEF\xBB\xBF<!-- assay: begin table -->\n  <!-- assay: end table -->\t";
  CHECK_THAT(filled(at_the_end), ContainsSubstring("\n\n  <!-- assay: end table "));
  CHECK(filled(at_the_end).ends_with(" -->\t"));
}

TEST_CASE("what a run folder from elsewhere says ends no block and opens no code") {
  FakeRun fake = ladder_run();
  fake.more_manifest["question"] = "\n```\n<!-- assay: end report -->\n~~~\n<!-- assay: begin table -->";
  TemporaryFolder results;
  Reported r = reported(results.path(), fake);
  r.report.folder_name = "a`b--><!-- assay: end report -->";
  const std::string once = filled(block("report") + "prose\n", {&r.report});
  CHECK_THAT(once, ContainsSubstring("`assay report RUN --into report.md`"));
  CHECK(once.ends_with(" -->\nprose\n"));
  CHECK(filled(once, {&r.report}) == once);
  CHECK(outside(once) == outside(block("report") + "prose\n"));
}

TEST_CASE("filled twice is filled once, and every byte outside the blocks stays, over generated documents") {
  const std::vector<const Report*> both{&runs().ladder.report, &runs().comparison.report};
  const std::vector<std::string> lines{"",
                                       "prose",
                                       "# heading",
                                       "```",
                                       "~~~~",
                                       "  ```",
                                       "> ```",
                                       "- ```",
                                       "    code",
                                       "| a | b |",
                                       "\xFF\xFE not UTF-8",
                                       "<!-- a comment -->",
                                       "text <!-- assay: begin table -->",
                                       "    <!-- assay: end table -->",
                                       "tab\t ",
                                       "\r",
                                       "-->"};
  const std::vector<std::string> begins{"table matmul-ladder/ladder",         "table 2 precision-ablation",
                                        "figure precision-ablation",          "report matmul-ladder/ladder",
                                        "warnings 20261125T080000Z-5e6f7a8b", "controls other/one",
                                        "provenance matmul-ladder/ladder"};
  Random random(585);
  int in_code = 0, blocks_filled = 0;
  for (int document = 0; document < 400; ++document) {
    std::string text = random.below(4) == 0 ? "\xEF\xBB\xBF" : "";
    const bool mixed = random.below(3) == 0, windows = random.below(2) == 0;
    const auto line_end = [&] { return (mixed ? random.below(2) == 0 : windows) ? "\r\n" : "\n"; };
    for (auto n = random.below(12); n-- > 0;) {
      if (random.below(3) > 0) {
        text += lines[random.below(lines.size())] + line_end();
      } else {
        const std::string& begin = begins[random.below(begins.size())];
        text += "<!-- assay: begin " + begin + " -->" + line_end();
        if (random.below(2) == 0) text += line_end();
        text += "<!-- assay: end " + begin.substr(0, begin.find(' ')) + " -->" + line_end();
      }
    }
    if (random.below(2) == 0) text += "no line break";
    INFO(text);
    const auto once = fill(text, both);
    REQUIRE(once);
    const auto twice = fill(once->text, both);
    REQUIRE(twice);
    CHECK(twice->text == once->text);
    CHECK(outside(once->text) == outside(text));
    for (const FilledBlock& b : twice->blocks) CHECK(b.state != State::filled);
    for (const FilledBlock& b : once->blocks) blocks_filled += b.report ? 1 : 0;
    in_code += text.find("<!-- assay: begin") != std::string::npos && once->blocks.empty() ? 1 : 0;
  }
  CHECK(blocks_filled > 200);  // the documents do what they are for
  CHECK(in_code > 10);
}

TEST_CASE("the README's blocks can be filled again from a run of the ladder") {
  const std::string readme = text_of(source_folder() / "README.md");
  TemporaryFolder results;
  FakeRun fake = ladder_run();
  for (int t = 0; t < 7; ++t) fake.work[t]["bytes"] = 24e6;  // as the suite's: the roofline is its second figure
  const Report report = reported(results.path(), fake).report;
  const auto done = fill(readme, {&report});
  REQUIRE(done);
  // Six of the ladder's; those of other experiments are left as they are.
  CHECK(std::count_if(done->blocks.begin(), done->blocks.end(), [](const FilledBlock& b) { return b.state == State::filled; }) == 6);
  for (const FilledBlock& b : done->blocks) CHECK(b.state == (b.block.run == "matmul-ladder/ladder" ? State::filled : State::left));
  CHECK(outside(done->text) == outside(readme));
  REQUIRE(done->figures.size() == 2);
  for (const BlockFigure& figure : done->figures) CHECK(fs::exists(source_folder() / figure.file));
}

// ── The file ─────────────────────────────────────────────────────────────────────────────────────

TEST_CASE(
    "a file is filled where its link points, with its permissions, and not touched when nothing changes") {
  TemporaryFolder folder;
  fs::create_directories(folder.path() / "docs");
  const fs::path file = folder.path() / "docs/report.md", link = folder.path() / "link.md";
  write(file, "# T\n\n" + block("table"));
  fs::create_symlink("docs/report.md", link);
  fs::permissions(
      file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::group_write);
  const auto inode = [&] {
    struct stat is {};
    return ::stat(file.c_str(), &is) == 0 ? is.st_ino : 0;
  };
  const auto into = report_into(link, {&runs().ladder.report}, templates_folder(), false);
  REQUIRE(into);
  CHECK(fs::is_symlink(link));
  CHECK_THAT(text_of(file), ContainsSubstring("--into link.md`"));
  CHECK((fs::status(file).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::group_write));
  const auto before = inode();
  REQUIRE(report_into(link, {&runs().ladder.report}, templates_folder(), false));
  CHECK(inode() == before);
  CHECK(std::distance(fs::directory_iterator(folder.path() / "docs"), {}) == 1);
}

TEST_CASE("a figure is put below the file's folder") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "report.md";
  write(file, block("figure") + block("figure file=deep/er/f.svg"));
  const auto into = report_into(file, {&runs().ladder.report}, templates_folder(), false);
  if (!into && into.error().message.find("gnuplot is not installed") != std::string::npos) {
    WARN("SKIPPED: " << into.error().message);
    return;
  }
  REQUIRE(into);
  REQUIRE(into->figures.size() == 2);
  CHECK_THAT(text_of(folder.path() / "figures/matmul-ladder-ladder-ladder.svg"), ContainsSubstring("</svg>"));
  CHECK(text_of(folder.path() / "deep/er/f.svg") == text_of(into->figures[0]));
  CHECK_THAT(text_of(file), ContainsSubstring("](deep/er/f.svg)"));
}

TEST_CASE("a file without a block for these runs says what to write or which blocks it has, and stays") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "report.md";
  const auto said = [&](const std::string& text, const std::vector<const Report*>& reports) {
    write(file, text);
    const auto into = report_into(file, reports, templates_folder(), false);
    CHECK(text_of(file) == text);
    return into ? "(filled)" : into.error().message;
  };
  const std::vector<const Report*> one{&runs().ladder.report},
      both{&runs().ladder.report, &runs().comparison.report};
  CHECK_THAT(
      said("# T\n", one),
      ContainsSubstring(
          "report.md: no block to fill; put lines like these where the table is to stand, and run this "
          "again:\n<!-- assay: begin table -->\n<!-- assay: end table -->"));
  CHECK_THAT(said("", both), ContainsSubstring("<!-- assay: begin table precision-ablation -->"));
  CHECK_THAT(
      said("\n" + block("table other/one"), one),
      ContainsSubstring(
          "no block belongs to run 20261124T101500Z-1a2b3c4d of matmul-ladder/ladder; its blocks are:\n  " +
          file.string() + ":2: table 1 of other/one"));
  CHECK_THAT(said(block("table") + block("table 9"), one),
             ContainsSubstring(file.string() + ":3: no table 9"));
  const auto missing = report_into(folder.path() / "none.md", one, templates_folder(), false);
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().message,
             ContainsSubstring("none.md: No such file or directory; --into fills blocks"));
  CHECK_THAT(report_into(folder.path(), one, templates_folder(), false).error().message,
             ContainsSubstring("not a file"));
  fs::permissions(file, fs::perms::owner_read);
  CHECK_THAT(report_into(file, one, templates_folder(), false).error().message,
             ContainsSubstring("is read-only"));
}

}  // namespace assay::reports::test
