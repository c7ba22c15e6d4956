
#include "reports/markdown.hpp"
#include "reports/program.hpp"
#include "reports/sentences.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

Number with(double value, double low, double high) {
  return {value, stats::Interval{low, high}};
}

}  // namespace

TEST_CASE("a number is printed with the digits that its interval supports, in one unit with its bounds") {
  const Printed time = print(with(0.00231, 0.00225, 0.00238), "s");
  CHECK(time.value == "2.31 ms");
  CHECK(time.interval == "[2.25, 2.38]");
  CHECK(print_ratio(with(0.9991, 0.9962, 1.0031)).interval == "[0.996, 1.003]");
  CHECK(print_ratio(with(62806, 62510, 63110)).number == "62,800");
  CHECK(print_ratio(with(-0.0004, -0.002, 0.001)).range == "−0.0020 to 0.0010");
  CHECK(print_percent(with(0.021, 0.017, 0.025)).value == "2.1 %");
}

TEST_CASE("an exact value is shown whole and without an interval") {
  const Printed accuracy = print(with(0.9911, 0.9911, 0.9911), "ratio", Kind::proportion);
  CHECK(accuracy.value == "99.11 %");
  CHECK(accuracy.interval.empty());
  CHECK(print_difference(with(-0.0004, -0.0004, -0.0004), "ratio", Kind::proportion).value == "−0.04 pp");
}

TEST_CASE("the sentence of a hypothesis can be pasted") {
  HypothesisResult h;
  h.planned.id = "H1";
  h.planned.metric = "latency_s";
  h.planned.of = 0;
  h.planned.to = 1;
  h.verdict = stats::HypothesisVerdict::supported;
  h.effect = with(1 / 2.31, 1 / 2.38, 1 / 2.25);
  h.rounds = 15;
  Planned planned;
  PlannedMetric metric;
  metric.metric.name = "latency_s";
  planned.metrics = {metric};
  planned.treatments = {
      record::fake::treatment({{"precision", std::string("int8")}, {"batch", std::int64_t{1}}}),
      record::fake::treatment({{"precision", std::string("fp32")}, {"batch", std::int64_t{1}}})};
  std::vector<Cell> cells(2);
  for (int t = 0; t < 2; ++t) {
    cells[static_cast<std::size_t>(t)].treatment = t;
    cells[static_cast<std::size_t>(t)].statistic = "typical";
  }
  cells[0].value = with(0.41e-3, 0.40e-3, 0.42e-3);
  cells[1].value = with(0.95e-3, 0.93e-3, 0.97e-3);
  CHECK(hypothesis_sentence(h, planned, cells) ==
        "H1 supported: int8 is 2.31× (95 % CI 2.25–2.38) as fast as fp32 at batch 1 (410 against 950 µs; 15 "
        "rounds).");
}

TEST_CASE("text from outside can't become markup") {
  CHECK(markdown_escaped("a|b *c* `d` <script> [x](http://evil)") ==
        "a\\|b \\*c\\* \\`d\\` &lt;script> \\[x\\](http://evil)");
  CHECK(markdown_escaped("7_avx and time_s") == "7_avx and time_s");
  CHECK(markdown_escaped("_emphasis_") == "\\_emphasis\\_");
  CHECK(markdown_escaped("line\nbreak") == "line break");
  CHECK(markdown_escaped("# title") == "\\# title");
  CHECK(markdown_escaped("1. item") == "1\\. item");
  CHECK(markdown_escaped("0.999 [0.996, 1.003]") == "0.999 [0.996, 1.003]");
  CHECK(markdown_escaped("[0.9]: http://evil") == "\\[0.9\\]: http://evil");
}

TEST_CASE("a tag that no report has is an error that names it") {
  const Templates templates(
      std::map<std::string, std::string>{{"page", "{{title}} {{titel}} {{#lists}}x{{/lists}}"}});
  const auto text = templates.render("page", {{"title", "T"}}, markdown_escaped);
  REQUIRE_FALSE(text);
  CHECK(text.error().message.find("{{titel}}") != std::string::npos);
  CHECK(text.error().message.find("{{lists}}") != std::string::npos);
}

TEST_CASE("a partial that is missing is an error, and one that is there is filled with the same view") {
  const Templates broken(std::map<std::string, std::string>{{"page", "{{> row}}"}});
  REQUIRE_FALSE(broken.render("page", Json::object(), markdown_escaped));
  const Templates whole(std::map<std::string, std::string>{{"page", "{{#rows}}\n{{> row}}\n{{/rows}}\n"},
                                                           {"row", "- {{name}}"}});
  const auto text = whole.render("page", {{"rows", {{{"name", "a|b"}}, {{"name", "c"}}}}}, markdown_escaped);
  REQUIRE(text);
  CHECK(*text == "- a\\|b\n- c\n");
}

TEST_CASE("a narrow terminal drops the least important columns, says which, and keeps within its width") {
  TemporaryFolder results;
  const auto r = reported(results.path(), ladder_run());
  const std::string text = terminal_text(r.report, 80, false);
  CHECK(text.find("Not shown at this width: published % of peak") != std::string::npos);
  const std::string table = text.substr(0, text.find("Intervals are"));
  for (std::size_t start = 0; start < table.size();) {
    const std::size_t end = std::min(table.find('\n', start), table.size());
    INFO(table.substr(start, end - start));
    CHECK(display_width(table.substr(start, end - start)) <= 80);
    start = end + 1;
  }
}

TEST_CASE("colour is only there on request") {
  TemporaryFolder results;
  const auto r = reported(results.path(), comparison_run());
  CHECK(terminal_text(r.report, 100, false).find('\x1b') == std::string::npos);
  CHECK(terminal_text(r.report, 100, true).find("\x1b[32mfaster") != std::string::npos);
}

TEST_CASE("a program that isn't installed is named with its remedy, and one that fails with its last words") {
  const auto missing = run_program({"assay-no-such-program"}, "/", "install it");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "assay-no-such-program is not installed; install it");
  const auto failing =
      run_program({"sh", "-c", "echo first; echo last words >&2; exit 3"}, "/", "install it");
  REQUIRE_FALSE(failing);
  CHECK(failing.error().message == "sh failed with status 3: last words");
}

TEST_CASE("a manifest that can't be used is one message that names the field") {
  FakeRun fake = ladder_run();
  fake.more_manifest["hypotheses"][0]["of"] = "no such id";
  TemporaryFolder results;
  const auto run = record::read_run(record::fake::write_fake_run(results.path(), fake));
  REQUIRE(run);
  const auto report = project(*run);
  REQUIRE_FALSE(report);
  CHECK(report.error().message.find("manifest.json: hypotheses: 'of' is no id of a treatment") == 0);
}

TEST_CASE("a published count stands beside its row, whether that was measured or not, and without a ratio") {
  TemporaryFolder results;
  FakeRun fake = ladder_run();
  fake.more_manifest["published"]["rows"] = Json{{{"version", "7_avx"}, {"value", 2140472}}};
  const auto r = reported(results.path(), fake);
  const std::string text = terminal_text(r.report, 200, false);
  const std::size_t row = text.find("\n7_avx");
  REQUIRE(row != std::string::npos);
  const std::string line = text.substr(row + 1, text.find('\n', row + 1) - row - 1);
  CHECK(line.find("unsupported") != std::string::npos);
  CHECK(line.find("2,140,472") != std::string::npos);
  CHECK(text.find("published time") == std::string::npos);
}

}  // namespace assay::reports::test
