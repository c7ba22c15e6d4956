// Two factors with many levels: which runs have a heat map, and what stands in its cells.
#include "reports/figure.hpp"
#include "tests/catch.hpp"
#include "tests/reports/factorials.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// Tiles of a matrix: time grows with n; tile "b" is the same as "a", "c" takes a quarter.
FakeRun tiles(Json sizes = {512, 128, 256}) {
  return factorial({{"tile", {"a", "b", "c"}}, {"n", std::move(sizes)}},
                   [](const Treatment& t) { return 1e-6 * number_level(t, "n") * (text_level(t, "tile") == "c" ? 0.25 : 1); });
}

/// Each tile against "a" of its own size.
FakeRun tiles_by_size() {
  FakeRun fake = tiles({128, 256, 512});
  for (int t = 0; t < 9; ++t) fake.baselines[t] = t % 3;
  fake.groups = {{0, 3, 6}, {1, 4, 7}, {2, 5, 8}};
  fake.group_baselines = {{0, 0}, {1, 1}, {2, 2}};
  fake.more_manifest["baseline"] = {{"tile", "a"}};
  return fake;
}

}  // namespace

TEST_CASE("three levels by three give a heat map, numbers across in their order, ratios to the baseline as colour and text") {
  const auto figure = heatmap_figure(report_of(tiles_by_size()));
  REQUIRE(figure);
  CHECK_THAT(figure->script, ContainsSubstring("set xtics ('128' 1, '256' 2, '512' 3)") && ContainsSubstring("set ytics ('a' 1, 'b' 2, 'c' 3)"));
  CHECK_THAT(figure->csv, ContainsSubstring("column,row,x,y,value,text,state,ink\n\"128\",\"a\",1,1,1,\"1\",\"baseline\",0\n"));
  CHECK_THAT(figure->csv, ContainsSubstring("\"512\",\"c\",3,3,0.25"));
  // Around 1 equally far to both sides, so that 1 has the palette's middle.
  CHECK_THAT(figure->script, ContainsSubstring("set logscale cb\nset cbrange [0.25:4]\nset cbtics ('0.25' 0.25, '0.5' 0.5, '1' 1, '2' 2, '4' 4)"));
  CHECK_THAT(figure->script, ContainsSubstring("set label 'time_s, ratio (logarithmic)'"));
  CHECK_THAT(figure->caption, ContainsSubstring("as ratio to its baseline (a), over 7 rounds") && ContainsSubstring("grey is 1, darker is better"));
}

TEST_CASE("what isn't significant stands in parentheses, and text on dark colours is white") {
  const auto figure = heatmap_figure(report_of(tiles_by_size()));
  REQUIRE(figure);
  CHECK_THAT(between(figure->csv, "\"256\",\"b\",2,2,", "\n"), ContainsSubstring("\"(") && ContainsSubstring(")\",\"not significant\",0"));
  CHECK_THAT(between(figure->csv, "\"256\",\"c\",2,3,", "\n"), ContainsSubstring(",\"0.2499\",\"significant\",1"));
  CHECK_THAT(figure->caption, ContainsSubstring("In parentheses: not significant at 5 %, or not tested. From 0.249"));
}

TEST_CASE("failed cells are crossed with their outcome, and what was left out is empty") {
  FakeRun fake = tiles();
  fake.ends = [](const Place& p) -> Ending { return p.treatment == 4 && p.round > 0 ? Ending{Outcome::out_of_memory, "8 GB"} : Ending{}; };
  fake.treatments.pop_back();
  const auto figure = heatmap_figure(report_of(fake));
  REQUIRE(figure);
  CHECK_THAT(figure->csv, ContainsSubstring("\"128\",\"b\",1,2,?,\"out of memory\",\"out of memory\",2\n"));
  CHECK_THAT(figure->script, ContainsSubstring("set arrow from 0.515,2.485 to 1.485,1.515 nohead back"));
  CHECK_THAT(figure->caption, ContainsSubstring("Crossed: failed, with the outcome.") && ContainsSubstring("Empty: not planned."));
}

TEST_CASE("two levels by four are enough, further factors make rows, and two by two are none") {
  CHECK(heatmap_figure(report_of(factorial({{"tile", {"a", "b"}}, {"n", {1, 2, 3, 4}}}, [](const Treatment& t) { return number_level(t, "n"); }))));
  CHECK_FALSE(heatmap_figure(report_of(factorial({{"tile", {"a", "b"}}, {"n", {1, 2, 3}}}, [](const Treatment& t) { return number_level(t, "n"); }))));
  CHECK_FALSE(heatmap_figure(report_of(factorial({{"n", {1, 2, 3, 4, 5, 6, 7, 8, 9}}}, [](const Treatment& t) { return number_level(t, "n"); }))));
  const auto rows = heatmap_figure(report_of(
      factorial({{"tile", {"a", "b"}}, {"n", {1, 2, 3, 4}}, {"threads", {1, 2}}}, [](const Treatment& t) { return number_level(t, "n"); })));
  REQUIRE(rows);
  CHECK_THAT(rows->script, ContainsSubstring("set ylabel 'tile, threads'") && ContainsSubstring("'b, threads 2' 4"));
}

TEST_CASE("a grid that is mostly holes has no heat map") {
  FakeRun fake = tiles({1, 2, 3, 4});
  fake.design = "one-factor-at-a-time";
  std::erase_if(fake.treatments, [](const Treatment& t) { return text_level(t, "tile") != "a" && number_level(t, "n") > 1; });
  fake.seconds = [](const Place&) { return 1.0; };
  CHECK_FALSE(heatmap_figure(report_of(fake)));  // 6 of 12
}

}  // namespace assay::reports::test
