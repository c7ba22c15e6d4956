// Single values by key: which there are, how one is named, and what a sentence in a document gets.
#include "reports/values.hpp"

#include <algorithm>
#include <set>

#include "reports/blocks.hpp"
#include "reports/fill.hpp"
#include "reports/markdown.hpp"
#include "reports/statements.hpp"
#include "tests/catch.hpp"
#include "tests/reports/two_runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

std::string value(const Report& report, const std::string& key, ValueForm form = ValueForm::whole) {
  const auto found = find_value(values_of(report), report.folder_name, key_words(key));
  return found ? found->text(form) : "(" + found.error().message + ")";
}

std::string filled(const std::string& text, const std::vector<const Report*>& reports) {
  const auto templates = Templates::open(templates_folder());
  const auto done = fill_blocks(text, reports, *templates, {.name = "report.md", .file = "report.md"});
  return done ? done->text : "(" + done.error().message + ")";
}

}  // namespace

TEST_CASE("every value has a key of its own, and its key finds it") {
  for (const Report* report : {&runs().ladder.report, &runs().comparison.report}) {
    const auto all = values_of(*report);
    std::set<std::string> keys;
    for (const Value& v : all) {
      INFO(v.key);
      CHECK(keys.insert(v.key).second);
      const auto found = find_value(all, "run", key_words(v.key));
      REQUIRE(found);
      CHECK(found->key == v.key);
      CHECK(found->value == v.value);
    }
    CHECK(all.size() > report->cells.size());
  }
}

TEST_CASE("a value is what the table says") {
  const Report& report = runs().comparison.report;
  CHECK(value(report, "cell latency_s precision=int8 batch=1") == "411 µs [406, 416]");
  CHECK(value(report, "cell latency_s batch=1 precision=int8", ValueForm::value) == "411 µs");
  CHECK_THAT(value(report, "ratio latency_s precision=int8 batch=1"), ContainsSubstring("0.43"));
  CHECK_THAT(value(report, "speedup latency_s precision=int8 batch=1"), ContainsSubstring("2.3"));
  CHECK_THAT(value(report, "speedup latency_s precision=int8 batch=1"), ContainsSubstring("×"));
  CHECK(value(report, "verdict latency_s precision=int8 batch=1") == "faster");
  CHECK_THAT(value(report, "hypothesis H1"), Catch::Matchers::StartsWith("H1 supported: int8 is "));
  CHECK(value(report, "hypothesis H1 verdict") == "supported");
  CHECK(value(report, "run preset") == "paper");
  CHECK(value(report, "run rounds") == "15");
  CHECK(value(report, "cell latency_s precision=bf16 batch=64") == "crashed");
}

TEST_CASE("a key that names nothing, or several, says what would do") {
  const Report& report = runs().comparison.report;
  CHECK_THAT(value(report, "cell latency_s precision=int8"), ContainsSubstring("may mean 2 values"));
  CHECK_THAT(value(report, "cell latency_s precision=int8"), ContainsSubstring("\n  cell latency_s precision=int8 batch=64"));
  CHECK_THAT(value(report, "cell latencys precision=int8 batch=1"), ContainsSubstring("did you mean 'cell latency_s precision=int8 batch=1'?"));
  CHECK_THAT(value(report, "value x"), ContainsSubstring("no kind of value 'value'; there are cell, ratio"));
  CHECK_THAT(value(report, "effect latency_s precision=int8"), ContainsSubstring("has no effect"));
}

TEST_CASE("a level with a space is one word in quotes") {
  CHECK(key_words("cell \"a b=c d\"  x=\"e f\"") == std::vector<std::string>{"cell", "a b=c d", "x=e f"});
  CHECK(key_words(" \t").empty());
  CHECK(key_words("\"").size() == 1);
}

TEST_CASE("values stand in sentences, lists and cells, and every other byte stays") {
  const std::vector<const Report*> both{&runs().ladder.report, &runs().comparison.report};
  const std::string run = "matmul-ladder/ladder";
  const std::string open = "<!-- assay: value " + run + " run rounds -->", close = "<!-- assay: end value -->";
  const std::string text = "It took " + open + close + " rounds, and `" + open + "` is code; | " + open + close + " |\r\n- " + open + close + "\n";
  const std::string once = filled(text, both);
  std::string expected = "It took " + open + "7<!-- assay: end value 7902699b --> rounds, and `" + open + "` is code; | " + open +
                         "7<!-- assay: end value 7902699b --> |\r\n- " + open + "7<!-- assay: end value 7902699b -->\n";
  CHECK(once == expected);
  CHECK(filled(once, both) == once);
  std::string edited = once;
  edited.replace(edited.find("-->7<!--") + 3, 1, "8");
  CHECK_THAT(filled(edited, both), ContainsSubstring("report.md:1: this block (value run rounds of matmul-ladder/ladder) was edited by hand"));
}

TEST_CASE("a value must be whole on its line and may not hold another") {
  const auto said = [](const std::string& text, const std::string& wanted) {
    const auto blocks = find_blocks(text, "r.md");
    REQUIRE_FALSE(blocks);
    CHECK_THAT(blocks.error().message, ContainsSubstring(wanted));
  };
  said("a <!-- assay: value run rounds -->\n<!-- assay: end value -->", "r.md:1: this value doesn't end on its line");
  said("a\nb <!-- assay: end value --> c", "r.md:2: a value ends here and has not begun");
  said("<!-- assay: value run rounds --> <!-- assay: value run cells --> <!-- assay: end value -->", "r.md:1: a value can't begin inside");
  said("<!-- assay: value -->x<!-- assay: end value -->", "r.md:1: a value names what it shows");
  CHECK(find_blocks("<!-- assay:not-a-result --> 3 ms\n<!-- assay:not-a-result begin -->\n", "r.md")->empty());
}

TEST_CASE("hostile levels can't leave the block that they stand in") {
  FakeRun fake;
  fake.treatments = {record::fake::treatment({{"v", std::string("<script>alert(1)</script> --> |`$\n\x1b[2J")}}), record::fake::treatment({{"v", std::string("b")}})};
  TemporaryFolder results;
  const Reported r = reported(results.path(), fake);
  const std::string text = filled("<!-- assay: begin table -->\n<!-- assay: end table -->\n", {&r.report});
  CHECK_THAT(text, ContainsSubstring("alert(1)"));
  CHECK(text.find("<script") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(find_blocks(text, "r.md")->size() == 1);
  CHECK_THAT(filled("<!-- assay: value hypothesis H1 --><!-- assay: end value -->", {&r.report}), ContainsSubstring("has no hypothesis"));
}

TEST_CASE("what a record doesn't know is listed for people, and what it knows is said") {
  const Report& report = runs().comparison.report;
  int open = 0;
  for (const Statement& s : reproducibility_checklist(report)) open += s.text.empty() ? 1 : 0;
  CHECK(open >= 4);
  CHECK_THAT(setup_paragraph(report), ContainsSubstring("precision (fp32, bf16, int8) and batch (1, 64) were varied, at threads = 1."));
  CHECK_THAT(setup_paragraph(report), ContainsSubstring("There were 15 rounds"));
  const auto lines = expectations(report);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].subject == "H1");
  CHECK_THAT(lines[0].text, ContainsSubstring("Borne out by: ratio of latency_s, int8, batch 1 to fp32, batch 1 <= 0.5."));
  const auto limits = threats(report);
  CHECK(std::any_of(limits.begin(), limits.end(), [](const std::string& l) { return l.find("have no value") != std::string::npos; }));
}

}  // namespace assay::reports::test
