// Main effects and interactions of a factorial design, from the run to the table.
#include "reports/effects.hpp"

#include "harness/core/units.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// precision × batch: int8 halves the time, batch 64 takes 20 times as long, and int8 at batch 64 another 10
/// % less.
double seconds(const Place& p) {
  const bool int8 = p.treatment >= 2, large = p.treatment % 2 == 1;
  const double weather = 1 + 0.2 * std::fabs(std::sin(p.round * p.round + 3.0 * p.group));
  return 1e-3 * (int8 ? 0.5 : 1) * (large ? 20 : 1) * (int8 && large ? 0.9 : 1) * weather * noise(p, 0.004);
}

/// One baseline for all, or one a batch size.
FakeRun factorial_run(bool one_baseline) {
  FakeRun fake;
  fake.design = "factorial";
  fake.treatments.clear();
  for (const char* precision : {"fp32", "int8"}) {
    for (const std::int64_t batch : {1, 64})
      fake.treatments.push_back(
          record::fake::treatment({{"precision", std::string(precision)}, {"batch", batch}}));
  }
  fake.seconds = seconds;
  fake.more_manifest = {
      {"factors",
       {{{"name", "precision"}, {"levels", {"fp32", "int8"}}}, {{"name", "batch"}, {"levels", {1, 64}}}}}};
  if (one_baseline) {
    fake.more_manifest["baseline"] = {{"precision", "fp32"}, {"batch", 1}};
  } else {
    fake.more_manifest["baseline"] = {{"precision", "fp32"}};
    fake.baselines = {{0, 0}, {1, 1}, {2, 0}, {3, 1}};
    fake.groups = {{0, 2}, {1, 3}};
    fake.group_baselines = {{0, 0}, {1, 1}};
  }
  return fake;
}

void check_ratio(const Effect& e, double truth) {
  INFO(effect_text(e.of));
  REQUIRE(e.ratio);
  CHECK(e.ratio->value == Approx(truth).epsilon(0.005));
  CHECK(e.ratio->interval->low < e.ratio->value);
}

}  // namespace

TEST_CASE("a factorial design has main effects and their interaction, each with interval and adjusted p") {
  TemporaryFolder results;
  const auto r = reported(results.path(), factorial_run(true));
  const auto& effects = r.report.effects;
  REQUIRE(effects.size() == 3);
  CHECK(effect_text(effects[0].of) == "int8");
  CHECK(effect_text(effects[2].of) == "int8 × batch 64");
  check_ratio(effects[0], 0.5 * std::sqrt(0.9));  // the geometric mean of 0.5 and 0.45
  check_ratio(effects[1], 20 * std::sqrt(0.9));
  check_ratio(effects[2], 0.9);
  for (const Effect& e : effects) {
    CHECK(e.rounds == 7);
    CHECK(*e.p_adjusted >= *e.p);
    CHECK(*e.p_adjusted < 0.05);
  }
}

TEST_CASE("the CSV of effects has a row each; a design without any has no such file") {
  TemporaryFolder results;
  const auto r = reported(results.path(), factorial_run(true));
  const std::string csv = effects_csv(r.report);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
  const std::string title = csv.substr(0, csv.find('\n'));
  CHECK(title == "of_precision,of_batch,to_precision,to_batch,metric,statistic,ratio,low,high,p,p_adjusted,reason,rounds");
  CHECK(csv.find("\nint8,,fp32,,time_s,typical,") != std::string::npos);
  CHECK(csv.find("\nint8,64,fp32,1,time_s,typical,") != std::string::npos);
  const auto written = write_report(r.run, r.report, {.html = false, .figure = false}, templates_folder());
  REQUIRE(written);
  REQUIRE(written->effects_csv);
  CHECK(std::filesystem::exists(*written->effects_csv));
  TemporaryFolder others;
  FakeRun one_by_one = factorial_run(true);
  one_by_one.design = "one_at_a_time";
  CHECK(effects_csv(reported(others.path(), one_by_one).report).empty());
}

TEST_CASE("groups of different weather meet over the baseline that is in both") {
  TemporaryFolder results;
  FakeRun fake = factorial_run(true);
  fake.groups = {{0, 1, 2}, {0, 3}};
  const auto r = reported(results.path(), fake);
  check_ratio(r.report.effects[0], 0.5 * std::sqrt(0.9));
  check_ratio(r.report.effects[2], 0.9);
}

TEST_CASE("with a baseline for each batch size an effect across them was never paired, and the others are") {
  TemporaryFolder results;
  const auto r = reported(results.path(), factorial_run(false));
  const auto& effects = r.report.effects;
  check_ratio(effects[0], 0.5 * std::sqrt(0.9));
  CHECK_FALSE(effects[1].ratio);
  CHECK(effects[1].reason == "not_interleaved");
  check_ratio(effects[2], 0.9);
}

TEST_CASE("a failed cell costs the effects that need it, and a warning names both") {
  TemporaryFolder results;
  FakeRun fake = factorial_run(true);
  fake.ends = [](const Place& p) -> Ending {
    return p.treatment == 3 && p.round == 2 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{};
  };
  const auto r = reported(results.path(), fake);
  for (const Effect& e : r.report.effects) {
    CHECK_FALSE(e.ratio);
    CHECK_FALSE(e.p_adjusted);
    CHECK(e.reason == "cell_failed");
  }
  const auto warning = std::find_if(r.report.warnings.begin(), r.report.warnings.end(),
                                    [](const Warning& w) { return w.kind == "effects_missing"; });
  REQUIRE(warning != r.report.warnings.end());
  CHECK_THAT(warning->text,
             ContainsSubstring("int8, batch 64 failed: no effect of int8, batch 64, int8 × batch 64"));
}

TEST_CASE("effects stand in a table below their comparisons, short on a terminal and whole in JSON") {
  TemporaryFolder results;
  FakeRun fake = factorial_run(true);
  const auto r = reported(results.path(), fake);
  const auto tables = tables_of(r.report);
  REQUIRE(tables.size() >= 2);
  CHECK(tables[1].title == "Main effects and interactions: time_s");
  CHECK(tables[1].rows.size() == 3);
  CHECK(tables[1].rows[2][1].text == "fp32 × batch 1");
  CHECK(tables[1].columns[2].title == "reference");  // the base of each ratio, in absolute terms
  const auto value = [&](int treatment) { return find_cell(r.report.cells, treatment, 0, "typical")->value->value; };
  CHECK(tables[1].rows[0][2].text == with_unit(std::sqrt(value(0) * value(1)), "s"));  // fp32 at both batch sizes
  CHECK(tables[1].rows[2][2].text == with_unit(value(0), "s"));
  const Json document = Json::parse(to_json(r.report, "x").dump());
  REQUIRE(document["effects"].size() == 3);
  CHECK(document["effects"][2]["kind"] == "interaction");
  CHECK(document["effects"][2]["of"] == Json{{"precision", "int8"}, {"batch", 64}});

  FakeRun large;
  large.design = "factorial";
  large.treatments.clear();
  std::vector<std::int64_t> levels{0, 1, 2, 3};
  for (const auto a : levels) {
    for (const auto b : levels) large.treatments.push_back(record::fake::treatment({{"a", a}, {"b", b}}));
  }
  large.seconds = [](const Place& p) { return 1e-3 * noise(p, 0.01); };
  large.more_manifest = {
      {"factors", {{{"name", "a"}, {"levels", levels}}, {{"name", "b"}, {"levels", levels}}}},
      {"baseline", {{"a", 0}, {"b", 0}}}};
  TemporaryFolder more;
  const auto many = reported(more.path(), large);
  CHECK(many.report.effects.size() == 15);
  CHECK_THAT(terminal_text(many.report, 100, false),
             ContainsSubstring("… and 3 more rows; report.md has all."));
}

TEST_CASE("one factor, other designs and ladders have no effects") {
  FakeRun fake = factorial_run(true);
  fake.design = "list";
  FakeRun ladder = factorial_run(true);
  ladder.more_manifest["table"] = {{"kind", "ladder"}, {"along", "precision"}};
  FakeRun one;
  one.design = "factorial";
  one.more_manifest = {{"factors", {{{"name", "version"}, {"levels", {"a", "b"}}}}}};
  for (const FakeRun& f : {fake, ladder, one}) {
    TemporaryFolder results;
    CHECK(reported(results.path(), f).report.effects.empty());
  }
}

}  // namespace assay::reports::test
