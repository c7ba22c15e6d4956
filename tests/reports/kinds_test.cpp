// Costs and rates are summarised by kind (Hoefler & Belli 2015, rules 3 and 4), with values worked out by
// hand.
#include <cmath>

#include "harness/stats/estimate.hpp"
#include "reports/contrasts.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

using namespace assay;
using namespace assay::reports;
using namespace assay::reports::test;

namespace {

Metric rate_metric() {
  Metric m;
  m.name = "images_per_s";
  m.unit = "images/s";
  m.kind = Kind::rate;
  m.direction = Direction::higher;
  m.clock = Clock::none;
  return m;
}

/// Rates of a round's four blocks: `a` alternates between 30 and 60 images/s, `b` between 60 and 120.
FakeRun rate_run(const std::string& estimand) {
  FakeRun fake;
  record::fake::FakeMetric rate;
  rate.metric = rate_metric();
  rate.estimand = estimand;
  fake.metrics = {rate};
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    const double of_quad = p.quad == 0 ? 30 : 60;
    return {{"images_per_s", of_quad * (p.treatment == 1 ? 2 : 1)}};
  };
  fake.more_manifest = {{"factors", {{{"name", "version"}, {"levels", {"a", "b"}}}}},
                        {"machine", fake_machine()},
                        {"table", {{"kind", "comparison"}, {"along", nullptr}}}};
  return fake;
}

Reported reported_once(const FakeRun& fake) {
  TemporaryFolder results;
  return reported(results.path(), fake);
}

}  // namespace

TEST_CASE("the mean rate is all work over all time: 30 and 60 images/s over equal work are 40") {
  const auto r = reported_once(rate_run("mean"));
  const Cell* a = find_cell(r.report.cells, 0, 0, "typical");
  REQUIRE(a);
  REQUIRE(a->value);
  CHECK(a->value->value == Approx(40));  // 2 / (1/30 + 1/60), not 45
  CHECK(find_cell(r.report.cells, 1, 0, "typical")->value->value == Approx(80));
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "typical")->effect->value == Approx(2));
}

TEST_CASE("what effects and diagnostics take of a round is the mean rate that the table compares") {
  FakeRun fake = rate_run("mean");
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"images_per_s", p.treatment == 0 ? 75.0 : p.quad == 0 ? 100.0 : 50.0}};
  };
  const auto r = reported_once(fake);
  const auto by_round = round_log_ratios(r.run, {1, Role::plain}, {0, Role::plain}, r.report.planned.metrics[0], "typical");
  REQUIRE_FALSE(by_round.empty());
  for (const auto& [round, log] : by_round) CHECK(std::exp(log) == Approx(2 / (1 / 100.0 + 1 / 50.0) / 75));
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "typical")->effect->value == Approx(200.0 / 3 / 75));
}

TEST_CASE("the interval of a mean rate is that of the mean time, turned over") {
  FakeRun fake = rate_run("mean");
  fake.quads = 1;
  fake.rounds = 3;
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"images_per_s", 1 / (0.01 * (p.round == 1 ? 1 : p.round == 2 ? 2 : 3))}};
  };
  const auto r = reported_once(fake);
  const auto& value = find_cell(r.report.cells, 0, 0, "typical")->value;
  // Mean times 10, 20 and 30 ms: 20 ± 4.3027 · 10/√3 = 20 ± 24.84 ms reaches below 0.
  REQUIRE(value);
  CHECK(value->value == Approx(50));
  CHECK_FALSE(value->interval);
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"images_per_s", 1 / (0.01 * (p.round == 1 ? 9 : p.round == 2 ? 10 : 11))}};
  };
  const auto narrow = reported_once(fake);
  const auto& bounded = find_cell(narrow.report.cells, 0, 0, "typical")->value;
  // 100 ± 4.30265 · 10/√3 = 100 ± 24.8413 ms an image.
  REQUIRE(bounded->interval);
  CHECK(bounded->value == Approx(10));
  CHECK(bounded->interval->low == Approx(1 / 0.1248413).epsilon(1e-5));
  CHECK(bounded->interval->high == Approx(1 / 0.0751587).epsilon(1e-5));
}

TEST_CASE("a ratio of mean rates has Fieller's interval of the mean times, with the sides turned over") {
  FakeRun fake = rate_run("mean");
  fake.quads = 1;
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    const double time =
        (p.treatment == 1 ? 0.01 : 0.02) * (1 + 0.01 * ((p.round * (p.treatment == 1 ? 3 : 5)) % 7));
    return {{"images_per_s", 1 / time}};
  };
  std::vector<double> of_times, to_times;
  for (int round = 1; round <= 7; ++round) {
    of_times.push_back(0.01 * (1 + 0.01 * ((round * 3) % 7)));
    to_times.push_back(0.02 * (1 + 0.01 * ((round * 5) % 7)));
  }
  const auto expected = stats::ratio_of_means(to_times, of_times, {});
  const auto r = reported_once(fake);
  const Comparison* c = find_comparison(r.report.comparisons, 1, 0, 0, "typical");
  REQUIRE(c->effect->interval);
  CHECK(c->effect->value == Approx(expected->value));
  CHECK(c->effect->interval->low == Approx(expected->interval->low));
  CHECK(c->effect->interval->high == Approx(expected->interval->high));
  CHECK(c->verdict == stats::Verdict::better);
  CHECK(c->word == "faster");
}

TEST_CASE("a mean cost is arithmetic, and the typical rate is geometric over the rounds' medians") {
  FakeRun fake = rate_run("typical");
  CHECK(find_cell(reported_once(fake).report.cells, 0, 0, "typical")->value->value ==
        Approx(45));  // median of 30 30 60 60
  FakeRun cost = rate_run("mean");
  cost.metrics[0].metric = record::fake::time_metric("cost_s").metric;
  cost.metrics[0].metric.clock = Clock::none;
  cost.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"cost_s", p.quad == 0 ? 30.0 : 60.0}};
  };
  CHECK(find_cell(reported_once(cost).report.cells, 0, 0, "typical")->value->value == Approx(45));
  cost.metrics[0].statistics = {"mean"};
  cost.metrics[0].estimand = "typical";
  CHECK(find_cell(reported_once(cost).report.cells, 0, 0, "mean")->value->value == Approx(45));
}

TEST_CASE("hypotheses about a mean rate test the mean time") {
  FakeRun fake = rate_run("mean");
  fake.quads = 1;
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"images_per_s", 1 / (0.01 * (1 + 0.01 * ((p.round * 3) % 7)))}};
  };
  const auto claim = [&](const char* id, const char* relation, double bound) {
    return Json{{"id", id},      {"metric", "images_per_s"}, {"form", "value"}, {"of", id_of(fake, 0)},
                {"to", nullptr}, {"relation", relation},     {"bound", bound}};
  };
  fake.more_manifest["hypotheses"] = {claim("H1", ">", 90), claim("H2", "<", 90), claim("H3", ">", -1)};
  const auto r = reported_once(fake);
  // Times 10.0 … 10.6 ms: mean 10.3, s = 0.216, so 97.1 images/s; t = (10.3 − 11.111) / (0.216/√7) = −9.93.
  CHECK(r.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::supported);
  CHECK(*r.report.hypotheses.at(0).p == Approx(2 * 3.0e-5).epsilon(0.15));
  CHECK(r.report.hypotheses.at(1).verdict == stats::HypothesisVerdict::refuted);
  CHECK(r.report.hypotheses.at(2).verdict ==
        stats::HypothesisVerdict::supported);  // no rate is below 0: the interval alone decides
  CHECK_FALSE(r.report.hypotheses.at(2).p);
}

TEST_CASE("a rate of 0 has no mean, and the cell names the round") {
  FakeRun fake = rate_run("mean");
  fake.block_metrics = [](const Place& p) -> std::map<std::string, double> {
    return {{"images_per_s", p.treatment == 1 && p.round == 3 ? 0.0 : 30.0 * noise(p, 0.01)}};
  };
  const auto r = reported_once(fake);
  const Cell* cell = find_cell(r.report.cells, 1, 0, "typical");
  CHECK(cell->ending.outcome == Outcome::invalid_output);
  CHECK(cell->ending.reason.find("images_per_s was 0 in round 3") == 0);
  CHECK(find_comparison(r.report.comparisons, 1, 0, 0, "typical")->reason == "invalid_output");
}
