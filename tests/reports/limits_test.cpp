// The roofline: which limit bounds a treatment, and what share of it the treatment reaches.
#include "reports/limits.hpp"

#include <algorithm>

#include "reports/figure.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

constexpr double kMB = 1e6;

/// A treatment "work" of 1 s an iteration beside a peak of 100 GFLOP/s; `flop` and `bytes` are the work's. If
/// `reads` is given, reading from L2 rides along at that many bytes a second. The sheet knows L1 (48 kB, 200
/// GB/s), L2 (2 MB, 50 GB/s) and memory (10 GB/s) of one thread, and other figures of two.
FakeRun bounded_run(double flop, double bytes, double reads = 0) {
  FakeRun fake;
  fake.treatments = {record::fake::treatment({{"version", std::string("plain")}}),
                     record::fake::treatment({{"version", std::string("work")}})};
  fake.peaks = {record::fake::treatment({{"peak", std::string("fma")}, {"threads", std::int64_t{1}}})};
  if (reads > 0) {
    fake.peaks.push_back(record::fake::treatment(
        {{"peak", std::string("read")}, {"level", std::string("l2")}, {"threads", std::int64_t{1}}}));
  }
  fake.seconds = [](const Place& p) { return p.treatment == 0 ? 2.0 : p.treatment == 1 ? 1.0 : 1e-3; };
  for (int t = 0; t < 2; ++t) fake.work[t] = {{"flop", flop}, {"bytes", bytes}};
  fake.work[-1] = {{"flop", 1e8}};
  if (reads > 0) fake.work[-2] = {{"bytes", reads * 1e-3}};
  const auto ceiling = [](const char* level, int threads, double value) {
    return Json{{"loop", "read"}, {"level", level},     {"threads", threads}, {"unit", "B/s"},
                {"value", value}, {"low", 0.9 * value}, {"high", 1.1 * value}};
  };
  const auto level = [](const char* name, int threads, double bytes_held) {
    return Json{{"level", name}, {"threads", threads}, {"capacity_bytes", bytes_held}};
  };
  fake.more_manifest["machine"] = {
      {"sheet",
       {{"levels",
         {level("l1", 1, 48e3), level("l2", 1, 2 * kMB), level("dram", 1, 1e10), level("l2", 2, 4 * kMB)}},
        {"ceilings",
         {ceiling("l1", 1, 200e9), ceiling("l2", 1, 50e9), ceiling("dram", 1, 10e9),
          ceiling("dram", 2, 15e9)}}}}};
  return fake;
}

const Cell& work_cell(const Report& report) {
  const Cell* cell = find_cell(report.cells, 1, 0, "typical");
  REQUIRE(cell);
  return *cell;
}

bool has_column(const TextTable& table, const std::string& title) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const TextColumn& c) { return c.title == title; });
}

}  // namespace

TEST_CASE("work of many FLOP a byte is bounded by the peak") {
  TemporaryFolder results;
  const auto r = reported(results.path(), bounded_run(1e9, 1 * kMB));
  const Cell& cell = work_cell(r.report);
  CHECK(cell.bound == "peak");
  CHECK(cell.intensity == Approx(1000));
  CHECK(cell.bound_fraction->value == Approx(0.01));
  CHECK(cell.bound_fraction->value == cell.peak_fraction->value);
  const TextTable table = tables_of(r.report).front();
  CHECK(has_column(table, "% of peak"));
  CHECK_FALSE(has_column(table, "% of bound"));
  CHECK_FALSE(has_column(table, "GB/s"));
}

TEST_CASE(
    "work of few FLOP a byte is bounded by the nearest level that holds its data, on the peak's threads") {
  TemporaryFolder results;
  struct Case {
    double bytes;
    const char* level;
    double bandwidth;
  };
  const Case c = GENERATE(Case{40e3, "l1", 200e9}, Case{1.6 * kMB, "l2", 50e9}, Case{5 * kMB, "dram", 10e9});
  const auto r = reported(results.path(), bounded_run(0.1 * c.bytes, c.bytes));
  const Cell& cell = work_cell(r.report);
  CHECK(cell.bound == c.level);
  CHECK_FALSE(cell.bound_in_rounds);
  CHECK(cell.bound_fraction->value == Approx(c.bytes / c.bandwidth));
  const TextTable table = tables_of(r.report).front();
  CHECK(has_column(table, "% of bound"));
  CHECK(has_column(table, "GB/s"));
  CHECK_THAT(table.footnotes.front(), Catch::Matchers::ContainsSubstring(level_name(c.level)) &&
                                          Catch::Matchers::ContainsSubstring("machine sheet"));
}

TEST_CASE("a level that rides along in the rounds comes before the sheet") {
  TemporaryFolder results;
  const auto r = reported(results.path(), bounded_run(1e6, 1.6 * kMB, 40e9));
  const Cell& cell = work_cell(r.report);
  CHECK(cell.bound == "l2");
  CHECK(cell.bound_in_rounds);
  CHECK(cell.bound_fraction->value == Approx(1.6e6 / 40e9));
  REQUIRE(r.report.limits.size() == 4);  // floating point, L1, L2, memory; in this order
  CHECK(r.report.limits[2].name == "L2");
  CHECK(r.report.limits[2].peak == 1);
  CHECK(r.report.limits[2].rate.value == Approx(40e9));
  CHECK(r.report.limits[3].rate.value == Approx(10e9));
}

TEST_CASE(
    "each treatment is held against the peak of its own number of threads, and the roofline is that of the "
    "most") {
  TemporaryFolder results;
  FakeRun fake = bounded_run(1e9, 1 * kMB);
  fake.treatments = {
      record::fake::treatment({{"version", std::string("one")}, {"threads", std::int64_t{1}}}),
      record::fake::treatment({{"version", std::string("two")}, {"threads", std::string("all")}})};
  fake.peaks.push_back(
      record::fake::treatment({{"peak", std::string("fma")}, {"threads", std::string("all")}}));
  fake.work[-2] = {{"flop", 2e8}};
  fake.more_manifest["cpus"] = {0, 1};
  fake.more_manifest["factors"] = {{{"name", "version"}, {"levels", {"one", "two"}}},
                                   {{"name", "threads"}, {"levels", {1, "all"}}}};
  const auto r = reported(results.path(), fake);
  CHECK(find_cell(r.report.cells, 0, 0, "typical")->peak_fraction->value == Approx(1e9 / 2 / 100e9));
  CHECK(find_cell(r.report.cells, 1, 0, "typical")->peak_fraction->value == Approx(1e9 / 1 / 200e9));
  const auto figure = roofline_figure(r.report);
  REQUIRE(figure);
  CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring("FMA peak 200 GFLOP/s"));
  CHECK_THAT(figure->csv, !Catch::Matchers::ContainsSubstring("one"));
  CHECK_THAT(figure->caption, Catch::Matchers::ContainsSubstring("on 2 threads"));
}

TEST_CASE("work without FLOP has a share of the memory's bound, and none of the peak's") {
  TemporaryFolder results;
  FakeRun fake = bounded_run(0, 1.6 * kMB);
  for (int t = 0; t < 2; ++t) fake.work[t] = {{"bytes", 1.6 * kMB}};
  const auto r = reported(results.path(), fake);
  const Cell& cell = work_cell(r.report);
  CHECK(cell.bound == "l2");
  CHECK_FALSE(cell.peak_fraction);
  CHECK(cell.bound_fraction->value == Approx(1.6e6 / 50e9));
  CHECK_FALSE(roofline_figure(r.report));
}

TEST_CASE("without a peak in the rounds nothing is bounded") {
  TemporaryFolder results;
  FakeRun fake = bounded_run(1e6, 1.6 * kMB);
  fake.peaks.clear();
  const auto r = reported(results.path(), fake);
  CHECK(work_cell(r.report).bound.empty());
  CHECK(work_cell(r.report).flop_per_s);
  CHECK(r.report.limits.empty());
  CHECK_FALSE(roofline_figure(r.report));
}

TEST_CASE("a sheet that makes no sense is no sheet") {
  TemporaryFolder results;
  FakeRun fake = bounded_run(1e6, 1.6 * kMB);
  fake.more_manifest["machine"]["sheet"] =
      GENERATE(Json("none"), Json{{"reason", "interrupted"}},
               Json{{"levels", 3}, {"ceilings", Json::array({1, "x", nullptr})}},
               Json{{"ceilings", {{{"loop", "read"}, {"level", "l2"}, {"threads", 1}, {"value", -1}}}}});
  const auto r = reported(results.path(), fake);
  CHECK(r.report.limits.size() == 1);
  CHECK(work_cell(r.report).bound == "peak");
}

TEST_CASE(
    "the roofline shows each treatment at its intensity, below the lines of what the machine delivers") {
  TemporaryFolder results;
  const auto r = reported(results.path(), bounded_run(1e6, 1.6 * kMB, 40e9));
  const auto figure = roofline_figure(r.report);
  REQUIRE(figure);
  CHECK(figure->name == "roofline");
  CHECK_THAT(figure->csv, Catch::Matchers::ContainsSubstring("\"work\",0.625,0.001,"));
  for (const char* line : {"FMA peak 100 GFLOP/s", "L1 200 GB/s", "L2 40.0 GB/s", "DRAM 10.0 GB/s"}) {
    CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring(line));
  }
  CHECK_THAT(figure->caption, Catch::Matchers::ContainsSubstring("machine sheet"));
}

}  // namespace assay::reports::test
