// What `assay import` is made of: tables, units, what columns are, and the run that they become.
#include <fmt/format.h>

#include <algorithm>

#include "cli/import_run.hpp"
#include "harness/core/hash.hpp"
#include "harness/record/journal.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

using namespace assay;
using namespace assay::cli;
using record::fake::TemporaryFolder;

namespace {

std::string error_of(const Result<Table>& table) { return table ? "none" : table.error().message; }

ImportWish wish_for(std::vector<std::string> baseline = {}) {
  return {.shown_name = "r.csv", .file_name = "r.csv", .name = "sweep", .baseline = std::move(baseline), .source = "evaluate.py", .date = "2026-11-20", .by = "Team X"};
}

/// From the text to the record that a reader has.
struct Imported {
  TemporaryFolder folder;
  record::RunRecord run;
  reports::Report report;

  Imported(const std::string& text, const std::vector<std::string>& map, const std::vector<std::string>& baseline = {}) {
    const auto table = read_table(text, "r.csv");
    REQUIRE(table);
    const auto columns = read_map(*table, map, "r.csv", "assay import");
    INFO((columns ? "" : columns.error().message));
    REQUIRE(columns);
    const ImportWish wish = wish_for(baseline);
    const auto made = make_imported_run(*table, *columns, wish, text);
    INFO((made ? "" : made.error().message));
    REQUIRE(made);
    const auto at = write_imported_run(*made, wish, text, folder.path(), Json::object(), {"assay", "import"});
    REQUIRE(at);
    auto read = record::read_run(*at);
    INFO((read ? "" : read.error().message));
    REQUIRE(read);
    run = *std::move(read);
    auto projected = reports::project(run);
    REQUIRE(projected);
    report = *std::move(projected);
  }
};

const std::vector<std::string> kMap{"p=factor", "t=metric:time_s:ms"};

}  // namespace

TEST_CASE("units of files become base units without a last digit lost") {
  const auto in_base = [](const char* unit, double value) {
    const auto scale = base_unit(unit);
    REQUIRE(scale);
    return fmt::format("{} {}", scale->of(value), scale->base);
  };
  CHECK(in_base("ms", 12.3) == "0.0123 s");
  CHECK(in_base("µs", 7) == "7e-06 s");
  CHECK(in_base("%", 99.1) == "0.991 ratio");
  CHECK(in_base("MiB", 2) == "2097152 B");
  CHECK(in_base("GFLOP/s", 1.5) == "1500000000 FLOP/s");
  CHECK(in_base("GB/s", 2) == "2000000000 B/s");
  CHECK(in_base("images/min", 120) == "2 images/s");
  CHECK(in_base("ms/image", 4) == "0.004 s/image");
  CHECK(in_base("kWh", 1) == "3600000 J");
  CHECK(in_base("tokens", 3) == "3 tokens");
  for (const char* wrong : {"", "/s", "a/", "a/b/c", "a unit that is far too long", "\x1b[2J"}) CHECK_FALSE(base_unit(wrong));
}

TEST_CASE("CSV is read by RFC 4180, and a row is known by the line on which it begins") {
  const auto table = read_table("\xEF\xBB\xBF a ,b\r\n\"x, \"\"y\"\"\nz\",1\r\n\r\n q , 2\n", "r.csv");
  REQUIRE(table);
  CHECK(table->columns == std::vector<std::string>{"a", "b"});
  REQUIRE(table->rows.size() == 2);
  CHECK(table->rows[0].cells == std::vector<std::string>{"x, \"y\"\nz", "1"});
  CHECK(table->rows[1].cells == std::vector<std::string>{"q", "2"});
  CHECK(table->place("r.csv", table->rows[1]) == "r.csv:5");
  CHECK(error_of(read_table("a\n\"x\"y\n", "r.csv")) == "r.csv:2: text stands behind a closing quote; put the whole field in quotes and double those in it");
  CHECK(read_table(",a\n0,1\n", "r.csv")->columns == std::vector<std::string>{"#1", "a"});  // as pandas writes an index
}

TEST_CASE("JSON rows may have their keys in any order, and a key that a row lacks is an empty cell") {
  const auto table = read_table(R"([{"a": 1, "b": null}, {"c": true, "a": 2.5}])", "r.json");
  REQUIRE(table);
  CHECK(table->columns == std::vector<std::string>{"a", "b", "c"});
  CHECK(table->rows[0].cells == std::vector<std::string>{"1", "", ""});
  CHECK(table->rows[1].cells == std::vector<std::string>{"2.5", "", "true"});
  CHECK(table->place("r.json", table->rows[1]) == "r.json: row 2");
}

TEST_CASE("names of benchmarks become factors where all of them split alike, else they are one") {
  const auto columns_of = [](std::vector<std::string> names) {
    Json rows = Json::array();
    for (const std::string& name : names) rows.push_back({{"name", name}, {"run_name", name}, {"iterations", 1}, {"real_time", 5}, {"cpu_time", 5}, {"time_unit", "us"}});
    const auto table = google_benchmark_table(Json{{"context", Json::object()}, {"benchmarks", rows}}.dump(), "gb.json");
    REQUIRE(table);
    return fmt::format("{}: {}", fmt::join(table->columns.begin(), std::find(table->columns.begin(), table->columns.end(), "repetition"), " "), table->rows.back().cells.front());
  };
  CHECK(columns_of({"sort/8/n:2", "copy/8/n:2"}) == "benchmark arg1 n: copy");
  CHECK(columns_of({"sort<a/b>/8/real_time"}) == "benchmark arg1: sort<a/b>/real_time");
  CHECK(columns_of({"sort/8", "copy"}) == "benchmark: copy");
  CHECK(columns_of({"sort/8/iterations:3", "sort/8/iterations:4"}) == "benchmark: sort/8/iterations:4");  // else two would be one
}

TEST_CASE("levels are of the type that all of a column's values have") {
  const auto type_of = [](const std::string& values) {
    const auto table = read_table("v,w\n" + values, "r.csv");
    REQUIRE(table);
    return level_type_of(*table, 0);
  };
  CHECK(type_of("1,\n-2,\n") == LevelType::integer);
  CHECK(type_of("1,\n2.5,\n") == LevelType::number);
  CHECK(type_of("True,\nFalse,\n") == LevelType::boolean);
  CHECK(type_of("007,\n8,\n") == LevelType::text);
  CHECK(type_of("8,\nint8,\n") == LevelType::text);
  CHECK(level_in("1", LevelType::number) == Level(1.0));
}

TEST_CASE("rounds of an import are paired like measured ones, in the order of their numbers") {
  std::string text = "p,t,trial,n\n";
  for (const int trial : {10, 9, 1, 2, 3, 4}) text += fmt::format("a,{},{},1\nb,{},{},1\n", 100 + trial, trial, 2 * (100 + trial), trial);
  const Imported imported(text, {"p=factor", "t=metric:time_s:ms", "trial=round", "n=replicate"}, {"p=a"});
  CHECK(imported.run.rounds.size() == 6);
  CHECK(imported.run.replicates.front().metrics == std::vector<std::pair<std::string, double>>{{"time_s", 0.101}});
  CHECK(imported.run.replicates.back().metrics.front().second == 0.22);  // trial 10 comes last, though it was first in the file
  REQUIRE(imported.report.comparisons.size() == 1);
  CHECK(imported.report.comparisons[0].rounds == 6);
  CHECK(imported.report.comparisons[0].effect->value == Approx(2));
  CHECK(imported.report.cells[0].provenance == Provenance::imported);
  CHECK(record::check_chain(imported.run.folder / "journal.jsonl"));
  const auto kept = record::read_file(imported.run.folder / "imported/r.csv");
  REQUIRE(kept);
  CHECK(*kept == text);
  CHECK(imported.run.manifest["imported"]["sha256"] == sha256_hex(text));
}

TEST_CASE("what nobody ran side by side shares no round, however the rows stand") {
  const Imported imported("p,t\na,1\nb,2\na,1.1\nb,2.1\n", kMap, {"p=a"});
  REQUIRE(imported.report.comparisons.size() == 1);
  CHECK(imported.report.comparisons[0].verdict == stats::Verdict::inconclusive);
  CHECK(imported.report.comparisons[0].reason == "not_interleaved");
  CHECK_FALSE(imported.report.comparisons[0].effect);
  CHECK(imported.report.cells[0].rounds == 2);
  CHECK(imported.report.effects.empty());
}

TEST_CASE("a full cross of known rounds is a factorial design, one with a gap is a list") {
  std::string text = "p,n,t,r\n";
  for (int r = 1; r <= 5; ++r) text += fmt::format("a,1,1.{0},{0}\na,2,2.{0},{0}\nb,1,3.{0},{0}\nb,2,6.{0},{0}\n", r);
  const std::vector<std::string> map{"p=factor", "n=factor", "t=metric:time_s:ms", "r=round"};
  const Imported full(text, map, {"p=a"});
  CHECK(full.report.planned.design == "factorial");
  CHECK_FALSE(full.report.effects.empty());
  const Imported gap("p,n,t,r\na,1,1,1\na,2,2,1\nb,1,3,1\n", map, {"p=a"});
  CHECK(gap.report.planned.design == "list");
  CHECK(gap.report.cells.size() == 3);
}

TEST_CASE("levels with everything that a format could take for its own survive to the record") {
  const std::string level = "a \"quoted\" \\ [x](y) #";
  const Imported imported("p,t\n\"a \"\"quoted\"\" \\ [x](y) #\",1\nb,2\n", kMap);
  CHECK(imported.report.planned.treatments[0].find("p") != nullptr);
  CHECK(*imported.report.planned.treatments[0].find("p") == Level(level));
}

TEST_CASE("a metric that is mapped over a known format's own is the one that is compared") {
  const auto table = hyperfine_table(Json::parse(R"({"results": [{"command": "a", "times": [1, 2]}]})"), "hf.json");
  REQUIRE(table);
  const auto columns = read_map(*table, {"wall_s=metric:start_up_s:s"}, "hf.json", "assay import");
  REQUIRE(columns);
  const auto run = make_imported_run(*table, *columns, wish_for(), "");
  REQUIRE(run);
  CHECK(run->metrics.front().metric.name == "start_up_s");
  CHECK(run->metrics.front().primary);
}

TEST_CASE("an [import] without its source is a mistake with its line") {
  const auto frozen = plan::parse_frozen_experiment("[experiment]\nname = \"x\"\n[factors]\np = [1, 2]\n[import]\ndate = \"2026-11-20\"\n", "experiment.toml");
  REQUIRE_FALSE(frozen);
  CHECK(frozen.error().message.starts_with("experiment.toml:5: 'source' in [import] is missing"));
}

TEST_CASE("the file is kept under a name that is none of a path") {
  CHECK(kept_name("../..") == "results_..");
  CHECK(kept_name("/tmp/a b\n.csv") == "a_b_.csv");
}
