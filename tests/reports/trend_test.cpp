// A metric against a factor of numbers: which runs have such a figure, and what stands in it.
#include <algorithm>

#include "reports/csv.hpp"
#include "reports/figure.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// `levels` of batch, by one implementation or two; an iteration of batch b takes b milliseconds, twice as many by the second.
FakeRun batch_run(const std::vector<Json>& levels, bool two) {
  FakeRun fake;
  fake.treatments.clear();
  std::vector<double> costs;
  Json implementations = two ? Json{"a", "b"} : Json{"a"};
  for (const Json& implementation : implementations) {
    for (const Json& level : levels) {
      const Level batch = *level_from_json(level);
      fake.treatments.push_back(record::fake::treatment({{"batch", batch}, {"implementation", implementation.get<std::string>()}}));
      costs.push_back((level.is_number() ? level.get<double>() : 5) * (implementation == "b" ? 2 : 1));
    }
  }
  fake.seconds = [costs](const Place& p) { return 1e-3 * costs[static_cast<std::size_t>(p.treatment)] * noise(p, 0.002); };
  fake.more_manifest = {{"factors", {{{"name", "batch"}, {"levels", levels}}, {{"name", "implementation"}, {"levels", implementations}}}}};
  return fake;
}

std::optional<Figure> figure_of(const std::vector<Json>& levels, bool two) {
  TemporaryFolder results;
  return trend_figure(reported(results.path(), batch_run(levels, two)).report);
}

}  // namespace

TEST_CASE("a factor of three numbers gives a trend, a line for each level of the other factor") {
  const auto figure = figure_of({64, 1, 8}, true);
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("set logscale x") && ContainsSubstring("set logscale y") && ContainsSubstring("'1' 1, '8' 8, '64' 64"));
  CHECK_THAT(figure->script, ContainsSubstring("title 'a'") && ContainsSubstring("title 'b'"));
  // From left to right, in the order of the levels' numbers.
  const auto one = figure->csv.find("\"a\",1,"), eight = figure->csv.find("\"a\",8,"), many = figure->csv.find("\"b\",64,");
  REQUIRE(many != std::string::npos);
  CHECK(one < eight);
  CHECK(eight < many);
  CHECK_THAT(figure->caption, ContainsSubstring("against batch"));
}

TEST_CASE("one line alone needs no name, and close levels no logarithm") {
  const auto figure = figure_of({1, 2, 3}, false);
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("set key off") && ContainsSubstring("every ::1::3 using 2:3 with lines") && ContainsSubstring("set yrange [0:"));
  CHECK(figure->script.find("logscale") == std::string::npos);
}

TEST_CASE("a line is broken where a cell has no value: nothing is drawn over a failure") {
  TemporaryFolder results;
  FakeRun fake = batch_run({1, 2, 4, 8, 16}, true);
  fake.ends = [](const Place& p) { return p.treatment == 2 ? Ending{Outcome::out_of_memory, "8 GB of 4 GB"} : Ending{}; };  // a, batch 4
  const auto figure = trend_figure(reported(results.path(), fake).report);
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("every ::1::2 using 2:3 with lines") && ContainsSubstring("every ::3::4 using 2:3 with lines") &&
                                 ContainsSubstring("every ::5::9 using 2:3 with lines"));
  CHECK_THAT(figure->caption, ContainsSubstring("A line is broken where a cell has no value."));
}

TEST_CASE("two numbers, or levels of which one is none, are no trend") {
  CHECK_FALSE(figure_of({1, 64}, true));
  CHECK_FALSE(figure_of({1, 8, "all"}, true));
  CHECK_FALSE(trend_figure([] {
    TemporaryFolder results;
    return reported(results.path(), comparison_run()).report;  // precisions, and two batch sizes
  }()));
}

/// Iterations of `images` each, in milliseconds by batch.
FakeRun counting_run(const std::vector<double>& batches, const std::vector<double>& milliseconds) {
  FakeRun fake = batch_run(std::vector<Json>(batches.begin(), batches.end()), false);
  for (std::size_t i = 0; i < batches.size(); ++i) fake.work[static_cast<int>(i)] = {{"images", batches[i]}};
  fake.seconds = [=](const Place& p) { return 1e-3 * milliseconds[static_cast<std::size_t>(p.treatment)]; };
  return fake;
}

TEST_CASE("what workers count is a throughput, in a column, a figure with each line's knee, and the files") {
  TemporaryFolder results;
  const Report report = reported(results.path(), counting_run({1, 10, 100, 1000}, {1, 2, 10.5, 100})).report;  // 1000, 5000, 9524, 10,000 a second
  const Cell& cell = report.cells[1];
  REQUIRE(cell.throughput);
  CHECK(cell.throughput->of == "images");
  CHECK(cell.throughput->per_s.value == Approx(5000));
  const TextTable table = tables_of(report).front();
  const auto column = std::find_if(table.columns.begin(), table.columns.end(), [](const TextColumn& c) { return c.title == "images/s"; });
  REQUIRE(column != table.columns.end());
  CHECK(table.rows[3][static_cast<std::size_t>(column - table.columns.begin())].text == "10,000");
  const auto figure = throughput_figure(report);
  REQUIRE(figure);
  CHECK(figure->name == "throughput");
  CHECK_THAT(figure->caption, ContainsSubstring("images a second against batch") && ContainsSubstring("The smallest batch with 90 % of its line's best: 100."));
  CHECK_THAT(figure->script, ContainsSubstring("file = 'throughput.csv'") && ContainsSubstring("set ylabel 'images/s'"));
  CHECK(to_json(report, "")["cells"][1]["throughput"]["of"] == "images");
  CHECK_THAT(cells_csv(report), ContainsSubstring(",throughput_of,throughput_per_s,") && ContainsSubstring(",images,5000,"));
}

TEST_CASE("where every iteration has equally many, a throughput says no more than the time and is in the files alone") {
  TemporaryFolder results;
  FakeRun fake = counting_run({1, 10, 100}, {1, 2, 3});
  for (auto& [treatment, work] : fake.work) work["images"] = 8;
  const Report report = reported(results.path(), fake).report;
  CHECK(report.cells[0].throughput);
  const TextTable table = tables_of(report).front();
  for (const TextColumn& column : table.columns) CHECK(column.title != "images/s");
  CHECK_FALSE(throughput_figure(report));
}

}  // namespace assay::reports::test
