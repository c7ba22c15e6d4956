// What holds of every figure: names, files, hostile texts, series that grey print tells apart.
#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "harness/core/random.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/label_places.hpp"
#include "tests/catch.hpp"
#include "tests/reports/factorials.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;

/// Hostile names of levels: ends of strings, commands, formats, markup, escapes, directions.
const std::vector<std::string> kHostile{"it's`touch a`", "x\"; system('touch b') #", "@file %s %d%% {/Bold y}^2", "C:\\new\\table", "</text><script>&amp;",
                                        "\u202Eabc\u2066def", "שלום עולם"};

/// Four precisions' worth of everything: factors of hostile names, numbers, samples and FLOP.
FakeRun hostile_run() {
  Json names = Json::array();
  for (const std::string& name : kHostile) names.push_back(name);
  FakeRun fake = factorial({{"na'me`touch c`\"%s\\", names}, {"n", {1, 2, 4, 8}}}, [](const Treatment& t) { return 1e-3 * number_level(t, "n"); });
  fake.work[-1] = {{"flop", 2e8}};
  fake.peaks = {record::fake::treatment({{"peak", std::string("fma")}})};
  for (int t = 0; t < static_cast<int>(fake.treatments.size()); ++t)
    fake.work[t] = {{"flop", 1e6 * (1 + t % 4)}, {"bytes", 1e5}, {"images", 1.0 + t % 4}};
  fake.seconds = [](const Place& p) { return (p.treatment < 0 ? 1e-3 : 1e-3 * (1 + p.treatment % 4)) * noise(p, 0.01); };
  return fake;
}

FakeRun hostile_tails() {
  FakeRun fake;
  fake.treatments.clear();
  for (const std::string& name : kHostile) fake.treatments.push_back(record::fake::treatment({{"version", name}}));
  fake.tail = true;
  fake.samples = [](const Place& p) {
    std::vector<double> samples;
    for (int i = 0; i < 1000; ++i) samples.push_back(1e-3 * (1 + p.treatment + i * 1e-3));
    return samples;
  };
  fake.seconds = [](const Place& p) { return 1e-3 * (1 + p.treatment) * noise(p, 0.01); };
  fake.metrics[0].statistics = {"typical", "p99"};
  fake.more_manifest = {{"factors", {{{"name", "version"}, {"levels", kHostile}}}}};
  return fake;
}

std::vector<Report> all_reports() {
  std::vector<Report> reports;
  for (const FakeRun& fake : {hostile_run(), hostile_tails(), ladder_run(), comparison_run()}) reports.push_back(report_of(fake));
  return reports;
}

}  // namespace

TEST_CASE("kinds have names of their own, and each figure that of its kind; the roofline is the last") {
  std::set<std::string_view> names;
  for (const FigureKind& kind : figure_kinds()) CHECK(names.insert(kind.name).second);
  CHECK(figure_kinds().back().name == "roofline");
  std::set<std::string> met;
  for (const Report& report : all_reports()) {
    for (const FigureKind& kind : figure_kinds()) {
      const auto figure = kind.make(report);
      if (!figure) continue;
      met.insert(figure->name);
      CHECK(figure->name == kind.name);
      CHECK_THAT(figure->script, ContainsSubstring("set output '" + figure->name + ".svg'"));
      CHECK_FALSE(figure->caption.empty());
      CHECK(figure->caption.back() == '.');
    }
  }
  for (const char* name : {"ladder", "comparison", "trend", "throughput", "tail", "cdf", "interaction", "heatmap"}) {
    INFO(name);
    CHECK(met.count(name) == 1);
  }
}

TEST_CASE("what an earlier report drew and this one doesn't is gone, and nobody else's file with it") {
  TemporaryFolder results;
  const Reported r = reported(results.path(), comparison_run());
  const fs::path folder = r.run.folder / "report";
  fs::create_directories(folder);
  for (const char* name : {"ladder.svg", "roofline.gp", "cdf.csv", "heatmap.pdf", "mine.svg"}) REQUIRE(record::write_atomically(folder / name, "old"));
  const auto written = write_report(r.run, r.report, {.html = false, .figure = false}, templates_folder());
  REQUIRE(written);
  for (const char* name : {"ladder.svg", "roofline.gp", "cdf.csv", "heatmap.pdf"}) CHECK_FALSE(fs::exists(folder / name));
  CHECK(fs::exists(folder / "mine.svg"));
  CHECK(fs::exists(folder / "comparison.gp"));
}

TEST_CASE("quotes, controls and turns of direction don't get into scripts or tables") {
  CHECK(script_text("it's \"so\" \\n `x` @y") == "'it''s \"so\" \\n `x` @y'");
  CHECK(script_text("a\nb\tc\x1B[31m\x7F") == "'a b c [31m '");
  CHECK(script_text("a\u202Eb\u2066c\u200Fd\u061Ce\u0085f\u2028g\uFFFFh") == "'a b c d e f g h'");
  CHECK(script_text("a\xFF\xC3") == "'a  '");  // no UTF-8
  CHECK(script_text("שלום, ₂é") == "'שלום, ₂é'");
  CHECK(script_tic("50% of %s") == "'50%% of %%s'");
  CHECK(csv_text("a \"b\"\r\nc") == "\"a 'b'  c\"");
  CHECK(shortened("abcdefgh", 8) == "abcdefgh");
  CHECK(shortened("abcdéfghi", 5) == "ab…hi");
}

TEST_CASE("gnuplot draws every figure of hostile names as they are, runs none of them and writes nothing else") {
  for (const Report& report : all_reports()) {
    for (const Figure& figure : figures_of(report)) {
      INFO(figure.name);
      const auto svg = drawn(figure);
      if (!svg) return;
      CHECK(svg->find("<script") == std::string::npos);
      CHECK(svg->find('\x1B') == std::string::npos);
      CHECK(svg->find("\u202E") == std::string::npos);
      CHECK_THAT(*svg, ContainsSubstring("</svg>"));
    }
  }
  const auto svg = drawn(*comparison_figure(report_of(hostile_tails())));
  for (const char* text : {"<text>it's`touch a`</text>", "<text>x\"; system('touch b') #</text>", "<text>@file %s %d%% {/Bold y}^2</text>",
                           "<text>C:\\new\\table</text>", "<text>&lt;/text>&lt;script>&amp;amp;</text>", "<text> abc def</text>", "<text>שלום עולם</text>"}) {
    CHECK_THAT(*svg, ContainsSubstring(text));
  }
}

TEST_CASE("series that one picture has are told apart without colour") {
  // Of each plot with a title what is left without its rows, its filter and its colour: point, dashes, width.
  const std::regex elsewhere("title '.*|every \\S+|\\$[0-9]+ == [0-9]+|linecolor rgb '#[0-9A-F]+'|^ *plot|, \\\\$");
  for (const Report& report : all_reports()) {
    for (const Figure& figure : figures_of(report)) {
      INFO(figure.name);
      std::vector<std::string> seen;
      std::istringstream lines(figure.script);
      for (std::string line; std::getline(lines, line);) {
        if (line.find("file every") == std::string::npos || line.find(" title '") == std::string::npos) continue;
        const std::string style = std::regex_replace(line, elsewhere, "");
        CHECK(std::find(seen.begin(), seen.end(), style) == seen.end());
        seen.push_back(style);
      }
    }
  }
}

TEST_CASE("names beside points lie on nothing, as long as there is room") {
  Random random(7);
  for (int draw = 0; draw < 50; ++draw) {
    std::vector<LabelPoint> points;
    for (int i = 0; i < 6; ++i) points.push_back({150 + 300 * random.uniform(), 80 + 250 * random.uniform(), 60 + 60 * random.uniform(), 5, 5, 10, 10});
    const auto places = label_places(points, {60, 0, 820, 420});
    REQUIRE(places.size() == points.size());
    struct Box {
      double left, bottom, right, top;
      bool meets(const Box& o) const { return left < o.right && o.left < right && bottom < o.top && o.bottom < top; }
    };
    std::vector<Box> names;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double near = points[i].x + places[i].dx, left = places[i].left_of_point ? near - points[i].width : near, middle = points[i].y + places[i].dy;
      const Box name{left, middle - 8, left + points[i].width, middle + 8};
      CHECK(name.left >= 60);
      CHECK(name.right <= 820);
      for (const Box& other : names) CHECK_FALSE(name.meets(other));
      for (const LabelPoint& p : points) CHECK_FALSE(name.meets({p.x - 4, p.y - 4, p.x + 4, p.y + 4}));
      names.push_back(name);
    }
  }
}

TEST_CASE("a name stands to the right of a point that is alone, and to the left of one at the right edge") {
  const auto places = label_places({{100, 100, 50}, {800, 300, 50}}, {0, 0, 820, 420});
  CHECK_FALSE(places[0].left_of_point);
  CHECK(places[0].dy == 0);
  CHECK(places[1].left_of_point);
}

}  // namespace assay::reports::test
