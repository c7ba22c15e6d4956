// Percentiles from scripted samples, with values worked out by hand, and every way in which there may be
// none.
#include <algorithm>
#include <cmath>

#include "harness/stats/tail.hpp"
#include "reports/figure.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

using namespace assay;
using namespace assay::reports;
using namespace assay::reports::test;

namespace {

/// Of 1,000 samples twenty are slow: the p99 is a slow one, the p90 a fast one. b's tail is twice as long as
/// a's; each round has another weather.
std::vector<double> samples_of(const Place& p) {
  const double weather =
      1 + 0.01 * ((p.round * 5) % 7) + (p.role == Role::same ? 0.002 * ((p.round * 3) % 7 - 3) : 0);
  std::vector<double> samples(1000, 1e-3);
  for (std::size_t i = 0; i < samples.size(); i += 50)
    samples[i] = (p.treatment == 1 ? 20e-3 : 10e-3) * weather;
  return samples;
}

FakeRun tail_run(const std::string& statistic = "p99") {
  FakeRun fake;
  fake.tail = true;
  fake.samples = samples_of;
  fake.seconds = [](const Place& p) { return 1e-3 * noise(p, 0.01); };
  fake.metrics[0].statistics = {"typical", statistic};
  fake.more_manifest = {{"factors", {{{"name", "version"}, {"levels", {"a", "b"}}}}},
                        {"machine", fake_machine()},
                        {"table", {{"kind", "comparison"}, {"along", nullptr}}}};
  return fake;
}

std::string reason_of(const FakeRun& fake, const std::string& statistic = "p99", int treatment = 0) {
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const Cell* cell = find_cell(r.report.cells, treatment, 0, statistic);
  REQUIRE(cell);
  CHECK(cell->ending.outcome == Outcome::unsupported);
  CHECK_FALSE(cell->value);
  return cell->ending.reason;
}

}  // namespace

TEST_CASE("a percentile is the median over rounds of each process's, its interval is of order statistics") {
  TemporaryFolder results;
  const auto r = reported(results.path(), tail_run());
  const Cell* cell = find_cell(r.report.cells, 0, 0, "p99");
  REQUIRE(cell);
  REQUIRE(cell->ending.ok());
  // Weathers of rounds 1…7: 1.05 1.03 1.01 1.06 1.04 1.02 1.00; of seven the interval is smallest to largest,
  // 1 − 2/128.
  CHECK(cell->value->value == Approx(10.3e-3));
  REQUIRE(cell->value->interval);
  CHECK(cell->value->interval->low == Approx(10e-3 - 2e-8));  // and a tick of 20 ns
  CHECK(cell->value->interval->high == Approx(10.6e-3 + 2e-8));
  CHECK(cell->confidence == Approx(1 - 2.0 / 128));
  CHECK(cell->rounds == 7);
  CHECK_FALSE(cell->flop_per_s);
}

TEST_CASE("percentiles are compared within rounds, and have a control of their own") {
  TemporaryFolder results;
  const auto r = reported(results.path(), tail_run());
  const Comparison* c = find_comparison(r.report.comparisons, 1, 0, 0, "p99");
  REQUIRE(c);
  CHECK(c->effect->value == Approx(2).epsilon(1e-9));  // the weather cancels
  CHECK(c->effect->interval->low < 2);                 // by the clock's tick, since the rounds agree exactly
  CHECK(c->rounds == 7);
  CHECK(c->verdict == stats::Verdict::worse);
  CHECK(c->word == "slower");
  const auto& controls = r.report.controls;
  REQUIRE(controls.size() == 2);
  CHECK(controls[0].statistic == "typical");
  CHECK(controls[1].statistic == "p99");
  CHECK(controls[1].ratio->value == Approx(1).margin(0.01));
  CHECK_FALSE(controls[1].failed);
  CHECK(terminal_text(r.report, 100, false).find("The same program against itself, time_s.p99: 1.0") !=
        std::string::npos);
  const OrderedJson document = to_json(r.report, "x");
  CHECK(document["controls"][1]["statistic"] == "p99");
}

TEST_CASE("a copy whose tail differs withholds the percentile's verdict and no other") {
  FakeRun fake = tail_run();
  fake.samples = [](const Place& p) {
    auto samples = samples_of(p);
    for (double& sample : samples) sample *= p.role == Role::same ? 1.5 : 1;
    return samples;
  };
  fake.seconds = [](const Place& p) { return (p.treatment == 1 ? 2e-3 : 1e-3) * noise(p, 0.01); };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "p99")->reason == "control_failed");
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "typical")->verdict == stats::Verdict::worse);
}

TEST_CASE("what one process says of its own tail stands in the JSON and in no table") {
  TemporaryFolder results;
  const auto r = reported(results.path(), tail_run());
  const OrderedJson cells = to_json(r.report, "x")["cells"];
  const auto of = [&](const char* statistic) {
    for (const OrderedJson& cell : cells) {
      if (cell["statistic"] == statistic) return cell["within_process"];
    }
    return OrderedJson();
  };
  CHECK(of("typical").is_null());
  const OrderedJson within = of("p99");
  REQUIRE(within.size() == 7);
  CHECK(within[0]["round"] == 1);
  CHECK(within[0]["samples"] == 1000);
  CHECK(within[0]["value"].get<double>() == Approx(10.5e-3));
  CHECK(within[0]["high"].get<double>() == Approx(10.5e-3));
  // At 99 % confidence 3 of 1,000 may lie above the p99's bound (Bin(1000, 0.01) ≤ 3 has probability 1 %): a
  // slow one is it.
  CHECK(within[0]["early_stopping"].get<double>() == Approx(10.5e-3));
}

TEST_CASE("too few samples are unsupported, with how many there were and what to do") {
  FakeRun fake = tail_run();
  fake.samples = [](const Place& p) {
    auto samples = samples_of(p);
    if (p.round == 3 && p.treatment == 0) samples.resize(999);
    return samples;
  };
  CHECK(reason_of(fake) ==
        "too_few_samples: p99 needs 1,000 samples of each process, and one gave 999; raise block_s in "
        "[limits], or ask for a percentile nearer to the middle");
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(find_cell(r.report.cells, 1, 0, "p99")->ending.ok());
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "p99")->reason == "baseline_failed");
}

TEST_CASE("a limit that leaves no room for the samples is named") {
  FakeRun fake = tail_run("p99.9");
  fake.tail = false;
  fake.most_samples = {{0, 3000}};
  CHECK(reason_of(fake, "p99.9") ==
        "too_few_samples: p99.9 needs 10,000 samples of each process, and at most 3,000 fit into the "
        "time limit of a block; raise block_s in [limits], or ask for a percentile nearer to the middle");
}

TEST_CASE(
    "a worker that sends no samples, a run without them, a command and a modelled treatment each have their "
    "reason") {
  FakeRun silent = tail_run();
  silent.samples = [](const Place&) { return std::vector<double>(); };
  CHECK(reason_of(silent).find("the worker sent none, though it was asked") != std::string::npos);
  FakeRun without = tail_run();
  without.tail = false;
  CHECK(reason_of(without).find("no process of this run was asked for any") != std::string::npos);
  FakeRun command = tail_run();
  command.workers = {{0, "command"}, {1, "command"}};
  CHECK(reason_of(command) ==
        "too_few_samples: p99 needs 1,000 samples of each process, and an execution of a command is one "
        "sample; ask for the median, or write a worker");
  FakeRun modelled = tail_run();
  modelled.modelled[0] = {128, "8 of 1024 rows"};
  CHECK(reason_of(modelled).find("an iteration is a part of the work (8 of 1024 rows)") != std::string::npos);
}

TEST_CASE("a metric that blocks don't time has no percentiles") {
  FakeRun fake = tail_run("typical");
  fake.metrics[0].statistics = {"typical"};
  fake.metrics.push_back(record::fake::proportion_metric("accuracy"));
  fake.metrics[1].statistics = {"p99"};
  fake.evaluate = [](const Place&) { return std::map<std::string, double>{{"accuracy", 0.99}}; };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const Cell* cell = find_cell(r.report.cells, 0, 1, "p99");
  REQUIRE(cell);
  CHECK(cell->ending.reason.find("accuracy isn't what blocks time") != std::string::npos);
}

TEST_CASE("below 6 rounds a percentile has a value, no interval and a remark") {
  FakeRun fake = tail_run();
  fake.rounds = 5;
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const Cell* cell = find_cell(r.report.cells, 0, 0, "p99");
  REQUIRE(cell->value);
  CHECK_FALSE(cell->value->interval);
  CHECK(cell->remarks.at(0).find("too few for an interval") != std::string::npos);
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "p99")->effect->interval);
}

TEST_CASE("hypotheses about percentiles are judged by the interval and tested by its own test") {
  FakeRun fake = tail_run();
  fake.metrics[0].statistics = {"typical"};  // no table shows it
  const auto claim = [&](const char* id, const char* form, double bound) {
    return Json{{"id", id},
                {"metric", "time_s"},
                {"statistic", "p99"},
                {"form", form},
                {"of", id_of(fake, 1)},
                {"to", std::string(form) == "value" ? Json() : Json(id_of(fake, 0))},
                {"relation", "<"},
                {"bound", bound}};
  };
  fake.more_manifest["hypotheses"] = {claim("value", "value", 0.025), claim("ratio", "ratio", 2.5),
                                      claim("difference", "difference", 5e-3)};
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto& h = r.report.hypotheses;
  CHECK(h.at(0).verdict == stats::HypothesisVerdict::supported);
  CHECK(h.at(0).effect->value == Approx(20.6e-3));
  CHECK(*h.at(0).p == Approx(2.0 / 128));  // all seven rounds below the bound
  CHECK(h.at(1).verdict == stats::HypothesisVerdict::supported);
  CHECK(h.at(2).verdict == stats::HypothesisVerdict::refuted);  // the difference is about 10.3 ms
}

TEST_CASE("a hypothesis about a percentile that can't be had says why") {
  FakeRun fake = tail_run();
  fake.tail = false;
  fake.more_manifest["hypotheses"] = Json::array({Json{{"id", "H1"},
                                                       {"metric", "time_s"},
                                                       {"statistic", "p99"},
                                                       {"form", "value"},
                                                       {"of", id_of(fake, 1)},
                                                       {"to", nullptr},
                                                       {"relation", "<"},
                                                       {"bound", 1.0}}});
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(r.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::inconclusive);
  CHECK(r.report.hypotheses.at(0).reason.find("too_few_samples") == 0);
}

TEST_CASE("a table says in its caption that its sides ran at once") {
  FakeRun fake = tail_run();
  TemporaryFolder first, second;
  const char* kSaid = "Placement duet: the two sides of a comparison ran at once";
  CHECK(terminal_text(reported(first.path(), fake).report, 200, false).find(kSaid) == std::string::npos);
  fake.more_manifest["experiment"] = {
      {"name", "fake"}, {"preset", "quick"}, {"seed", 585}, {"placement", "duet"}};
  CHECK(terminal_text(reported(second.path(), fake).report, 200, false).find(kSaid) != std::string::npos);
}

TEST_CASE("the tails' figure has, share by share, the median over processes, as far as ten samples lie beyond") {
  TemporaryFolder results;
  const auto r = reported(results.path(), tail_run());
  REQUIRE(r.report.tail_curves.size() == 2);
  const TailCurve& a = r.report.tail_curves[0];
  CHECK(std::is_sorted(a.values_s.begin(), a.values_s.end()));
  CHECK(a.shares.back() == Approx(0.01));  // of 1,000 samples
  CHECK(a.values_s.front() == Approx(1e-3));
  CHECK(a.values_s.back() == Approx(10.3e-3));  // the p99's value: twenty of a thousand are slow
  CHECK(r.report.tail_curves[1].values_s.back() == Approx(20.6e-3));
  const auto figure = tail_figure(r.report);
  REQUIRE(figure);
  CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring("title 'a'") && Catch::Matchers::ContainsSubstring("title 'b'"));
  CHECK_THAT(figure->csv, Catch::Matchers::ContainsSubstring("\"b\",20.6,0.01,1"));
  CHECK_FALSE(tail_figure(reported(results.path() / "without", comparison_run()).report));
}

TEST_CASE("the distribution of iterations ends where the tail begins, a curve a treatment with its median as a point") {
  FakeRun fake = tail_run();
  fake.samples = [](const Place& p) {
    std::vector<double> samples;  // evenly from 1 to 2 ms, of b from 2 to 4
    for (int i = 1; i <= 1000; ++i) samples.push_back(1e-3 * (p.treatment + 1) * (1 + i * 1e-3));
    samples.back() = 5;  // seconds: a tail that would hide everything else
    return samples;
  };
  TemporaryFolder results;
  const auto figure = cdf_figure(reported(results.path(), fake).report);
  REQUIRE(figure);
  CHECK(figure->csv.starts_with("label,value,share,number\n\"a\",1.01,0.01,0\n"));
  CHECK_THAT(figure->csv, Catch::Matchers::ContainsSubstring("\"a\",1.5,0.5,0\n") && Catch::Matchers::ContainsSubstring("\"b\",3.9,0.95,1\n"));
  CHECK(figure->csv.find(",0.97,") == std::string::npos);
  // Rows 1 to 12 are a's: 1, 5, 10, 20, …, 80, 85, 90, 93, 95 %; the seventh has the median.
  CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring("using 2:3 with lines linewidth 1.8 dashtype solid linecolor rgb '#0072B2' notitle"));
  CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring("file every ::7::7 using 2:3 with linespoints linewidth 1.8 dashtype solid linecolor rgb '#0072B2' pointtype 7"));
  CHECK_THAT(figure->script, Catch::Matchers::ContainsSubstring("title 'b'") && Catch::Matchers::ContainsSubstring("set xlabel 'time_s, ms'\n"));
  CHECK_THAT(figure->caption, Catch::Matchers::ContainsSubstring("over 7 rounds") && Catch::Matchers::ContainsSubstring("Points: medians."));
}

TEST_CASE("a distribution that is a vertical line, or was never sampled, is no figure") {
  TemporaryFolder results;
  CHECK_FALSE(cdf_figure(reported(results.path(), tail_run()).report));  // 98 of 100 iterations are equal
  CHECK_FALSE(cdf_figure(reported(results.path() / "without", comparison_run()).report));
}
