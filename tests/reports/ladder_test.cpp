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

}  // namespace assay::reports::test
