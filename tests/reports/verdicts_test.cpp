
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using stats::Verdict;

/// Two treatments, a (1 s, the baseline) and b, in `rounds` rounds; b takes `ratio` times as long, with noise
/// ± `width`.
FakeRun pair_run(double ratio, double width, int rounds = 7) {
  FakeRun fake;
  fake.rounds = rounds;
  fake.seconds = [=](const Place& p) { return (p.treatment == 1 ? ratio : 1.0) * noise(p, width); };
  return fake;
}

const Comparison& only_comparison(const Reported& r) {
  REQUIRE(r.report.comparisons.size() == 1);
  return r.report.comparisons.front();
}

}  // namespace

TEST_CASE("half the time is better, with a ratio below 1 and the metric's word") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run(0.5, 0.01));
  const Comparison& c = only_comparison(r);
  CHECK(c.verdict == Verdict::better);
  CHECK(c.word == "faster");
  CHECK(c.effect->value == Approx(0.5).epsilon(0.02));
  CHECK(c.effect->interval->contains(0.5));
  CHECK(c.p_permutation);
  CHECK(c.reason.empty());
}

TEST_CASE("twice the time is worse") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run(2, 0.01));
  CHECK(only_comparison(r).verdict == Verdict::worse);
  CHECK(only_comparison(r).word == "slower");
}

TEST_CASE("a difference inside the margin is equivalent") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run(1, 0.002));
  CHECK(only_comparison(r).verdict == Verdict::equivalent);
  CHECK(*only_comparison(r).p_equivalence < 0.05);
}

TEST_CASE(
    "noise larger than the difference is inconclusive, and the report says how many more rounds it takes") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run(1.02, 0.2));
  CHECK(only_comparison(r).verdict == Verdict::inconclusive);
  REQUIRE(only_comparison(r).further_rounds);
  CHECK(*only_comparison(r).further_rounds > 0);
}

TEST_CASE(
    "where the same program differs from itself, every verdict and hypothesis of the metric is withheld") {
  FakeRun fake = pair_run(0.5, 0.005);
  const auto seconds = fake.seconds;
  fake.seconds = [=](const Place& p) { return seconds(p) * (p.role == Role::same ? 1.1 : 1.0); };
  fake.more_manifest["hypotheses"] = {{{"id", "H1"},
                                       {"metric", "time_s"},
                                       {"form", "ratio"},
                                       {"of", id_of(fake, 1)},
                                       {"to", id_of(fake, 0)},
                                       {"relation", "<="},
                                       {"bound", 0.9}}};
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(r.report.controls.at(0).failed);
  CHECK(only_comparison(r).verdict == Verdict::inconclusive);
  CHECK(only_comparison(r).reason == "control_failed");
  CHECK(only_comparison(r).effect->value == Approx(0.5).epsilon(0.02));  // the number is printed all the same
  CHECK(r.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::inconclusive);
  CHECK(r.report.hypotheses.at(0).reason == "control_failed");
  REQUIRE_FALSE(r.report.warnings.empty());
  CHECK(r.report.warnings.front().kind == "control_failed");
}

TEST_CASE("if the baseline failed, the others have values and no comparison") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.ends = [](const Place& p) {
    return p.treatment == 0 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{};
  };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(r.report.cells.at(0).ending.outcome == Outcome::crashed);
  CHECK_FALSE(r.report.cells.at(0).value);
  CHECK(r.report.cells.at(1).value->value == Approx(0.5).epsilon(0.02));
  CHECK(only_comparison(r).reason == "baseline_failed");
  CHECK_FALSE(only_comparison(r).verdict);
  CHECK_FALSE(only_comparison(r).effect);
  CHECK(r.report.controls.at(0).reason == "baseline_failed");
}

TEST_CASE("treatments that never shared a round are not compared") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.treatments.push_back(record::fake::treatment({{"version", std::string("c")}}));
  fake.groups = {{0, 1}, {2}};
  fake.group_baselines = {{1, 2}};
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const Comparison* c = find_comparison(r.report.comparisons, 2, 0, 0, "typical");
  REQUIRE(c);
  CHECK(c->verdict == Verdict::inconclusive);
  CHECK(c->reason == "not_interleaved");
}

TEST_CASE("a ratio with a modelled side has its interval and no verdict") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.modelled[0] = {128, "8 of 1024 rows"};
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(only_comparison(r).modelled);
  CHECK_FALSE(only_comparison(r).verdict);
  CHECK(only_comparison(r).effect->interval);
  CHECK(r.report.cells.at(0).provenance == Provenance::modelled);
  CHECK(r.report.cells.at(0).value->value == Approx(128).epsilon(0.02));
}

TEST_CASE("different clocks are incomparable") {
  TemporaryFolder results;
  auto run = record::read_run(record::fake::write_fake_run(results.path(), pair_run(0.5, 0.01)));
  REQUIRE(run);
  for (record::Block& block : run->blocks) {
    if (block.treatment == 1) block.clock = Clock::cpu;
  }
  const auto report = project(*run);
  REQUIRE(report);
  CHECK(report->comparisons.at(0).verdict == Verdict::incomparable);
  CHECK(report->comparisons.at(0).reason == "clocks differ: cpu and wall");
}

TEST_CASE("one round gives a value, and neither interval nor verdict") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pair_run(0.5, 0.01, 1));
  CHECK(r.report.cells.at(0).value);
  CHECK_FALSE(r.report.cells.at(0).value->interval);
  CHECK(only_comparison(r).verdict == Verdict::inconclusive);
  CHECK(only_comparison(r).reason == "fewer than 2 rounds");
}

TEST_CASE("a treatment that failed still counts in the family over which Holm adjusts") {
  FakeRun fake = pair_run(1.05, 0.05);
  for (const char* name : {"c", "d"})
    fake.treatments.push_back(record::fake::treatment({{"version", std::string(name)}}));
  fake.ends = [](const Place& p) {
    return p.treatment >= 2 ? Ending{Outcome::unsupported, "no such device"} : Ending{};
  };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const Comparison& c = r.report.comparisons.at(0);
  REQUIRE(c.p);
  CHECK(*c.p_adjusted == Approx(std::min(1.0, 3 * *c.p)));
  CHECK(r.report.comparisons.at(1).reason == "unsupported");
  CHECK(r.report.unsupported() == 2);
  CHECK(r.report.failed() == 0);
}

TEST_CASE("a run without a second copy says so in its one same control") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.same = false;
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const OrderedJson document = to_json(r.report, "x");
  REQUIRE(document["controls"].size() == 1);
  CHECK(document["controls"][0]["kind"] == "same");
  CHECK(document["controls"][0]["ratio"].is_null());
  CHECK(document["controls"][0]["reason"] == "this run has no second copy of the baseline");
}

TEST_CASE("a planted slowdown that the interval misses is a warning") {
  FakeRun fake = pair_run(0.5, 0.002);
  fake.planted = 1.02;  // and yet the slowed copy takes as long as the baseline
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto& warnings = r.report.warnings;
  CHECK(std::any_of(warnings.begin(), warnings.end(),
                    [](const Warning& w) { return w.kind == "planted_missed"; }));
}

TEST_CASE("cells add up, and an interrupted run reports the rounds that are whole") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.interrupted_round = 4;
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(r.report.cells.at(0).rounds == 3);
  CHECK(static_cast<std::size_t>(r.report.ran() + r.report.unsupported() + r.report.failed()) ==
        r.report.cells.size());
  CHECK(r.report.warnings.at(0).kind == "unfinished");
}

TEST_CASE("a run that ended before a round was complete has reasons in place of values") {
  FakeRun fake = pair_run(0.5, 0.01);
  fake.interrupted_round = 1;
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(r.report.cells.at(0).ending.reason == "the run ended before a round was complete");
  CHECK(terminal_text(r.report, 80, false).find("before a round was complete") != std::string::npos);
}

TEST_CASE("where the quotient of two cells is not the paired ratio, a warning says which one is right") {
  // Quad by quad b / a is 3, 1/2 and 2/3, whose median is 2/3; the medians of both cells are 2.
  FakeRun fake = pair_run(1, 0.001);
  fake.quads = 3;
  fake.seconds = [](const Place& p) {
    static constexpr double kA[] = {1, 2, 3}, kB[] = {3, 1, 2};
    const auto quad = static_cast<std::size_t>(std::max(p.quad, 0));
    return (p.treatment == 1 ? kB[quad] : kA[quad]) * noise(p, 0.001);
  };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  CHECK(only_comparison(r).effect->value == Approx(2.0 / 3).epsilon(0.01));
  CHECK(only_comparison(r).quotient_differs);
  const auto& warnings = r.report.warnings;
  CHECK(std::any_of(warnings.begin(), warnings.end(), [](const Warning& w) { return w.kind == "quotient"; }));
}

TEST_CASE(
    "an interval that violates a claim refutes it, and Holm over the hypotheses can take a narrow success "
    "back") {
  FakeRun fake = pair_run(0.5, 0.01);
  const auto claim = [&](const char* id, const char* relation, double bound) {
    return Json{{"id", id},
                {"metric", "time_s"},
                {"form", "ratio"},
                {"of", id_of(fake, 1)},
                {"to", id_of(fake, 0)},
                {"relation", relation},
                {"bound", bound}};
  };
  fake.more_manifest["hypotheses"] = {claim("H1", "<=", 0.6), claim("H2", ">", 0.6), claim("H3", "<", 0.5)};
  TemporaryFolder first, second;
  const auto r = reported(first.path(), fake);
  CHECK(r.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::supported);
  CHECK(r.report.hypotheses.at(1).verdict == stats::HypothesisVerdict::refuted);
  CHECK(r.report.hypotheses.at(2).verdict == stats::HypothesisVerdict::inconclusive);

  // A bound just outside the interval holds alone; among twenty such claims it doesn't.
  const double bound = r.report.hypotheses.at(0).effect->interval->high * 1.0002;
  fake.more_manifest["hypotheses"] = Json::array({claim("alone", "<", bound)});
  CHECK(reported(second.path() / "one", fake).report.hypotheses.at(0).verdict ==
        stats::HypothesisVerdict::supported);
  for (int i = 0; i < 19; ++i) fake.more_manifest["hypotheses"].push_back(claim("H", "<", bound));
  const auto many = reported(second.path() / "many", fake);
  CHECK(many.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::inconclusive);
  CHECK(many.report.hypotheses.at(0).reason == "not_significant_in_family");
}

TEST_CASE("what a neighbour slows down is a warning that proposes more settling") {
  FakeRun fake = pair_run(0.5, 0.002);
  fake.rounds = 10;
  int last = -1;  // blocks are written in the order in which they run
  fake.seconds = [last](const Place& p) mutable {
    const int who = p.treatment * 8 + static_cast<int>(p.role);
    const double slowed = who == last ? 1.0 : 1.08;
    last = who;
    return (p.treatment == 1 ? 0.5 : 1.0) * slowed * noise(p, 0.002);
  };
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto& warnings = r.report.warnings;
  const auto found =
      std::find_if(warnings.begin(), warnings.end(), [](const Warning& w) { return w.kind == "carry_over"; });
  REQUIRE(found != warnings.end());
  CHECK(found->text.find(
            "let the next run settle 4.00 ms instead of 1.00 ms (settle_s = 0.004 in its preset)") !=
        std::string::npos);
}

TEST_CASE("where no neighbour slows anything, hardly a run is warned of it") {
  int warned = 0;
  for (int i = 1; i <= 40; ++i) {
    FakeRun fake = pair_run(0.5, 0.02);
    fake.rounds = 7;
    fake.seconds = [i](Place p) {
      const double typical = p.treatment == 1 ? 0.5 : 1.0;
      p.round += 100 * i;  // other noise than in the other runs
      return typical * noise(p, 0.02);
    };
    TemporaryFolder results;
    for (const Warning& w : reported(results.path(), fake).report.warnings) warned += w.kind == "carry_over";
  }
  CHECK(warned <= 2);
}

}  // namespace assay::reports::test
