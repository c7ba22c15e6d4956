// Two factors of a factorial design: which runs have an interaction plot, and what stands in it.
#include <algorithm>

#include "reports/figure.hpp"
#include "tests/catch.hpp"
#include "tests/reports/factorials.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// int8 halves the time of fp32, bf16 leaves it; a batch of b takes b times as long; int8 at batch 64 another `more`.
FakeRun precisions(double more = 0.8, Json batches = {1, 64}) {
  return factorial({{"precision", {"fp32", "bf16", "int8"}}, {"batch", std::move(batches)}}, [more](const Treatment& t) {
    const double batch = number_level(t, "batch");
    const bool int8 = text_level(t, "precision") == "int8";
    return 1e-3 * batch * (int8 ? 0.5 : 1) * (int8 && batch == 64 ? more : 1);
  });
}

}  // namespace

TEST_CASE("a factorial design gives an interaction plot, the longer factor along a logarithmic axis, and its strongest interaction as a sentence") {
  const auto figure = interaction_figure(report_of(precisions()));
  REQUIRE(figure);
  CHECK(figure->name == "interaction");
  CHECK_THAT(figure->script, ContainsSubstring("set xlabel 'precision'\nset ylabel 'time_s, ms (logarithmic)'"));
  CHECK_THAT(figure->script, ContainsSubstring("set xtics ('fp32' 1, 'bf16' 2, 'int8' 3)") && ContainsSubstring("set logscale y"));
  CHECK_THAT(figure->script, ContainsSubstring("title 'batch'") && ContainsSubstring("title '1'") && ContainsSubstring("title '64'"));
  CHECK_THAT(figure->csv, ContainsSubstring("panel,line,level,x,y,low,high,modelled\n\"\",\"1\",\"fp32\",0.975,1.0"));
  CHECK_THAT(figure->caption, ContainsSubstring("over 7 rounds") && ContainsSubstring("Where lines aren't parallel on this logarithmic axis"));
  CHECK_THAT(figure->caption, ContainsSubstring("The strongest interaction: int8 × batch 64 has 0.798 (95 % CI 0.797–0.800) times the time_s that its levels alone would give"));
  CHECK_THAT(figure->caption, ContainsSubstring(", against fp32 × batch 1; significant at 5 % among all effects."));
}

TEST_CASE("factors that only multiply have an interaction that isn't significant") {
  FakeRun fake = precisions(1);
  fake.seconds = [seconds = fake.seconds](const Place& p) {
    Place elsewhere = p;
    elsewhere.position += 20;
    return seconds(p) * noise(elsewhere, 0.1);
  };
  const auto figure = interaction_figure(report_of(fake));
  REQUIRE(figure);
  CHECK_THAT(figure->caption, ContainsSubstring("; not significant at 5 % among all effects."));
}

TEST_CASE("lines are dashed, one a level, and broken where a value is missing, which the caption names") {
  FakeRun fake = precisions();
  fake.ends = [](const Place& p) -> Ending { return p.treatment == 3 && p.round > 0 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{}; };
  const auto figure = interaction_figure(report_of(fake));
  REQUIRE(figure);
  // Rows 0 to 2 are batch 1; of batch 64 the middle is missing, and two single points have no line.
  CHECK_THAT(figure->script, ContainsSubstring("file every ::1::3 using 4:5 with lines linewidth 0.9 dashtype (4,3)"));
  CHECK(figure->script.find("every ::4::5 using 4:5 with lines") == std::string::npos);
  CHECK_THAT(figure->script, ContainsSubstring("file every ::4::5 using 4:($8 == 0 ? $5 : NaN):6:7 with yerrorbars pointtype 5"));
  CHECK_THAT(figure->caption, ContainsSubstring("Missing: batch 64, bf16 (crashed)."));
  CHECK_THAT(figure->caption, ContainsSubstring("No interaction could be estimated") || ContainsSubstring("The strongest interaction"));
}

TEST_CASE("what a trend has on its axis are lines here") {
  const auto figure = interaction_figure(report_of(precisions(0.8, {64, 1, 8})));
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("set xlabel 'precision'") && ContainsSubstring("title 'batch'"));
  CHECK(figure->script.find("title '1'") < figure->script.find("title '8'"));  // ascending, not the file's order
  CHECK(figure->script.find("title '8'") < figure->script.find("title '64'"));
}

TEST_CASE("of three factors the two with the strongest interaction are shown, a panel for each level of the third") {
  const FakeRun fake = factorial({{"threads", {1, 2}}, {"layout", {"rows", "columns"}}, {"precision", {"fp32", "int8"}}}, [](const Treatment& t) {
    const bool columns = text_level(t, "layout") == "columns", int8 = text_level(t, "precision") == "int8";
    return 1e-3 / number_level(t, "threads") * (columns ? 3 : 1) * (int8 ? 0.5 : 1) * (columns && int8 ? 1.4 : 1);
  });
  const auto figure = interaction_figure(report_of(fake));
  REQUIRE(figure);
  CHECK_THAT(figure->caption, ContainsSubstring("over the levels of layout, a line a level of precision, a panel for each combination of the other factors"));
  CHECK_THAT(figure->caption, ContainsSubstring("columns × int8 has 1.40"));
  CHECK_THAT(figure->script, ContainsSubstring("set label 'threads 1' at 1.5") && ContainsSubstring("set label 'threads 2' at 4.5"));
  CHECK_THAT(figure->script, ContainsSubstring("set xtics ('rows' 1, 'columns' 2, 'rows' 4, 'columns' 5)"));
}

TEST_CASE("more panels than fit are one, at the levels that effects are against") {
  const FakeRun fake = factorial({{"n", {1, 2, 3, 4, 5, 6, 7, 8}}, {"layout", {"rows", "columns"}}, {"precision", {"fp32", "int8"}}}, [](const Treatment& t) {
    const bool both = text_level(t, "layout") == "columns" && text_level(t, "precision") == "int8";
    return 1e-3 * number_level(t, "n") * (both ? 2 : 1);
  });
  const auto figure = interaction_figure(report_of(fake));
  REQUIRE(figure);
  CHECK_THAT(figure->caption, ContainsSubstring("a line a level of precision, at n 1 alone"));
  CHECK(std::count(figure->csv.begin(), figure->csv.end(), '\n') == 1 + 4);
}

TEST_CASE("no factorial design, one varied factor, or cells missing beyond use have no interaction plot") {
  FakeRun list = precisions();
  list.design = "list";
  CHECK_FALSE(interaction_figure(report_of(list)));
  CHECK_FALSE(interaction_figure(report_of(factorial({{"batch", {1, 8, 64}}}, [](const Treatment& t) { return number_level(t, "batch"); }))));
  FakeRun broken = precisions();
  broken.ends = [](const Place& p) -> Ending { return p.treatment >= 2 && p.round > 0 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{}; };
  CHECK_FALSE(interaction_figure(report_of(broken)));  // fp32 at two batches: one level in common
  CHECK_FALSE(interaction_figure(report_of(ladder_run())));
}

TEST_CASE("a modelled treatment is hollow") {
  FakeRun fake = precisions();
  fake.modelled[5] = {8, "1 of 8 rows"};
  const auto figure = interaction_figure(report_of(fake));
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("title '64 (modelled)'") && ContainsSubstring("pointtype 4"));
  CHECK_THAT(figure->caption, ContainsSubstring("Hollow: modelled"));
}

}  // namespace assay::reports::test
