// The ladder's rows: rungs in the order of their levels, then what they are held against.
#include "reports/ladder.hpp"

#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

TEST_CASE(
    "a ceiling stands below the rungs, against the last of them, with its library, and is no rung that fails "
    "to climb") {
  TemporaryFolder results;
  FakeRun fake;
  fake.treatments.clear();
  for (const char* version : {"1_slow", "blas", "2_fast"})
    fake.treatments.push_back(record::fake::treatment({{"version", std::string(version)}}));
  fake.more_pairs = {{2, 0}, {1, 2}};
  fake.seconds = [](const Place& p) { return p.treatment == 0 ? 8.0 : p.treatment == 1 ? 2.0 : 1.0; };
  fake.workers[1] = "blas";
  fake.more_manifest["workers"] = {{"fake", {{"libraries", {{"isa", "any"}}}}},
                                   {"blas", {{"libraries", {{"openblas", "0.3.21 Haswell"}}}}}};
  fake.more_manifest["factors"] = {{{"name", "version"}, {"levels", {"1_slow", "blas", "2_fast"}}}};
  fake.more_manifest["table"] = {{"kind", "ladder"}, {"along", "version"}, {"ceilings", {"blas"}}};
  const auto r = reported(results.path(), fake);
  REQUIRE(r.report.ladders.size() == 1);
  const auto& rows = r.report.ladders.front().rows;
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].version == "2_fast");
  CHECK(rows[1].relative.value->value == Approx(8));
  CHECK(rows[2].version == "blas");
  CHECK(rows[2].ceiling);
  CHECK(rows[2].absolute.value->value == Approx(4));
  CHECK(rows[2].relative.value->value == Approx(0.5));
  CHECK(rows[2].faster_than_before);
  const TextTable table = tables_of(r.report).front();
  CHECK_THAT(table.caption,
             Catch::Matchers::ContainsSubstring("against the row above, of blas against 2_fast"));
  REQUIRE(table.footnotes.size() == 1);
  CHECK_THAT(table.footnotes[0], Catch::Matchers::ContainsSubstring("openblas 0.3.21 Haswell"));
  CHECK(table.rows[1][0].mark.empty());
  CHECK_FALSE(table.rows[2][0].mark.empty());
}

TEST_CASE("a ladder of what an emulator counts is exact, speaks of no time, and has the other primary metrics as columns") {
  TemporaryFolder results;
  FakeRun fake;
  fake.rounds = 2;
  fake.treatments.clear();
  for (const char* version : {"1_plain", "2_best"}) fake.treatments.push_back(record::fake::treatment({{"version", std::string(version)}}));
  fake.more_pairs = {{1, 0}};
  record::fake::FakeMetric per_mac;
  per_mac.metric = {"per_mac", "1", Direction::lower, Kind::size, Clock::none, Provenance::simulated, Scope::block};
  fake.metrics = {record::fake::instructions_metric(), per_mac};
  fake.clocks = {{0, Clock::instructions}, {1, Clock::instructions}};
  fake.seconds = [](const Place& p) { return p.treatment == 0 ? 3'643'711.0 : 371'403.0; };
  fake.block_metrics = [](const Place& p) { return std::map<std::string, double>{{"per_mac", p.treatment == 0 ? 8.75 : 0.875}}; };
  fake.more_manifest["factors"] = {{{"name", "version"}, {"levels", {"1_plain", "2_best"}}}};
  fake.more_manifest["table"] = {{"kind", "ladder"}, {"along", "version"}};
  const auto r = reported(results.path(), fake);
  REQUIRE(r.report.ladders.size() == 1);
  const auto tables = tables_of(r.report);
  REQUIRE(tables.size() == 1);
  const TextTable& table = tables.front();
  std::vector<std::string> titles;
  for (const TextColumn& column : table.columns) titles.push_back(column.title);
  CHECK(titles == std::vector<std::string>{"version", "instructions", "absolute gain", "relative gain", "per_mac"});
  CHECK(table.rows[1][1].text == "371,403");
  CHECK(table.rows[1][4].text == "0.875");
  CHECK_THAT(table.caption, Catch::Matchers::ContainsSubstring("Absolute gain: against 1_plain"));
  for (const Warning& warning : r.report.warnings) CHECK(warning.kind != "few_rounds");
  for (const Cell& cell : r.report.cells) CHECK(cell.deterministic);
}

}  // namespace assay::reports::test
