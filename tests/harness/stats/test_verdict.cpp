#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/equivalence.hpp"
#include "harness/stats/verdict.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_most;
using tests::Draws;
using tests::within_band;

namespace {

Estimate estimate_at(double center, double sd, int n) {
  Estimate e;
  e.n = n;
  e.sd = sd;
  e.value = std::exp(center);
  e.location = Location{.center = center,
                        .standard_error = sd / std::sqrt(static_cast<double>(n)),
                        .degrees = n - 1.0,
                        .slack = 0};
  return e;
}

/// A family of one: nothing to adjust.
Evidence alone(const Estimate& e, double margin, Better better = Better::lower) {
  return {
      .estimate = &e,
      .p_difference = e.location ? std::optional(two_sided_p(*e.location, 0)) : std::nullopt,
      .p_equivalence = e.location ? std::optional(ratio_equivalence_p(*e.location, margin)) : std::nullopt,
      .better = better,
      .margin = log_margin(margin)};
}

}  // namespace

TEST_CASE("a clear difference is better or worse by the metric's direction") {
  const Estimate faster = estimate_at(std::log(0.5), 0.02, 7);
  CHECK(judge(alone(faster, 0.01, Better::lower)).verdict == Verdict::better);
  CHECK(judge(alone(faster, 0.01, Better::higher)).verdict == Verdict::worse);
  const Estimate slower = estimate_at(std::log(2.0), 0.02, 7);
  CHECK(judge(alone(slower, 0.01, Better::lower)).verdict == Verdict::worse);
  CHECK(judge(alone(slower, 0.01, Better::higher)).verdict == Verdict::better);
}

TEST_CASE("a small and certain difference is equivalent, and marked detectable") {
  const Estimate tiny = estimate_at(0.002, 0.0005, 15);
  const Judgement j = judge(alone(tiny, 0.01));
  CHECK(j.verdict == Verdict::equivalent);
  CHECK(j.detectable);
  const Estimate none = estimate_at(0.0001, 0.005, 15);
  CHECK(judge(alone(none, 0.01)).verdict == Verdict::equivalent);
  CHECK_FALSE(judge(alone(none, 0.01)).detectable);
}

TEST_CASE("the adjusted p decides, not the raw one") {
  const Estimate e = estimate_at(0.05, 0.04, 7);
  Evidence evidence = alone(e, 0.01);
  REQUIRE(*evidence.p_difference < 0.05);
  CHECK(judge(evidence).verdict == Verdict::worse);
  evidence.p_difference = 0.2;
  CHECK(judge(evidence).verdict == Verdict::inconclusive);
}

TEST_CASE("what can't be compared is incomparable, however clear the numbers") {
  Evidence evidence;
  evidence.comparable = false;
  CHECK(judge(evidence).verdict == Verdict::incomparable);
}

TEST_CASE("without p there is no verdict but inconclusive") {
  Estimate one;
  one.n = 1;
  const Judgement j = judge(alone(one, 0.01));
  CHECK(j.verdict == Verdict::inconclusive);
  CHECK_FALSE(j.further_rounds);
}

TEST_CASE(
    "the number of further rounds is the smallest that settles, with center and deviation as they are") {
  const Estimate e = estimate_at(0.02, 0.05, 7);
  const Judgement j = judge(alone(e, 0.01));
  REQUIRE(j.verdict == Verdict::inconclusive);
  REQUIRE(j.further_rounds);
  const int then = 7 + static_cast<int>(*j.further_rounds);
  const Estimate after = estimate_at(0.02, 0.05, then);
  CHECK(judge(alone(after, 0.01)).verdict == Verdict::worse);
  const Estimate one_less = estimate_at(0.02, 0.05, then - 1);
  CHECK(judge(alone(one_less, 0.01)).verdict == Verdict::inconclusive);
}

TEST_CASE("an unclear value near 0 is settled by equivalence, in fewer rounds than by a difference") {
  const Estimate e = estimate_at(0.001, 0.02, 7);
  const Judgement j = judge(alone(e, 0.01));
  REQUIRE(j.further_rounds);
  const Estimate after = estimate_at(0.001, 0.02, 7 + static_cast<int>(*j.further_rounds));
  CHECK(judge(alone(after, 0.01)).verdict == Verdict::equivalent);
  Evidence no_margin = alone(e, 0.01);
  no_margin.margin = 0;
  CHECK(*further_rounds(no_margin) > *j.further_rounds);
}

TEST_CASE("a larger family needs more rounds, and a clock too coarse for the margin is never settled") {
  Estimate e = estimate_at(0.02, 0.05, 7);
  Evidence evidence = alone(e, 0.01);
  const auto single = *further_rounds(evidence);
  evidence.difference_family = 20;
  CHECK(*further_rounds(evidence) > single);
  e.location->slack = 0.03;
  CHECK_FALSE(further_rounds(evidence));
  evidence.margin = 0.04;  // 0.02 from the margin's end, of which the clock may hide 0.03
  CHECK_FALSE(further_rounds(evidence));
  evidence.margin = 0.06;
  CHECK(further_rounds(evidence));
}

TEST_CASE("a hypothesis is supported or refuted only by its whole interval") {
  using H = HypothesisVerdict;
  const Interval i{0.4, 0.6};
  CHECK(judge_hypothesis(i, Relation::less_equal, 0.7) == H::supported);
  CHECK(judge_hypothesis(i, Relation::less_equal, 0.5) == H::inconclusive);
  CHECK(judge_hypothesis(i, Relation::less_equal, 0.3) == H::refuted);
  CHECK(judge_hypothesis(i, Relation::greater_equal, 0.3) == H::supported);
  CHECK(judge_hypothesis(i, Relation::greater_equal, 0.7) == H::refuted);
  CHECK(judge_hypothesis(std::nullopt, Relation::less, 1) == H::inconclusive);
  // A deterministic value on the bound: the sign decides.
  const Interval point{0.5, 0.5};
  CHECK(judge_hypothesis(point, Relation::less_equal, 0.5) == H::supported);
  CHECK(judge_hypothesis(point, Relation::less, 0.5) == H::refuted);
  CHECK(judge_hypothesis(point, Relation::greater_equal, 0.5) == H::supported);
  CHECK(judge_hypothesis(point, Relation::greater, 0.5) == H::refuted);
}

TEST_CASE("a range is supported by an interval inside it and refuted by one outside") {
  using H = HypothesisVerdict;
  CHECK(judge_range(Interval{0.96, 1.02}, 0.95, 1.05) == H::supported);
  CHECK(judge_range(Interval{0.90, 1.02}, 0.95, 1.05) == H::inconclusive);
  CHECK(judge_range(Interval{0.90, 1.10}, 0.95, 1.05) == H::inconclusive);
  CHECK(judge_range(Interval{1.06, 1.10}, 0.95, 1.05) == H::refuted);
  CHECK(judge_range(Interval{0.80, 0.94}, 0.95, 1.05) == H::refuted);
}

TEST_CASE("a family of one hypothesis is judged alike by interval and by p") {
  Draws draws(1'000);
  for (int i = 0; i < 500; ++i) {
    const auto e = ratio_from_rounds(draws.normals(7, 0.6, 0.5));
    const double p = two_sided_p(*e->location, std::log(1.4));
    CHECK(judge_hypothesis(e->interval, Relation::greater, 1.4) ==
          judge_hypothesis_adjusted(e->location->center, Relation::greater, std::log(1.4), p));
  }
}

TEST_CASE(
    "identical programs are called different as often as the level says, and a true 2 % is not called "
    "equal") {
  Draws draws(1'001);
  const int trials = 5'000;
  int different = 0;
  int wrongly_equal = 0;
  for (int i = 0; i < trials; ++i) {
    const auto same = ratio_from_rounds(draws.normals(7, 0, 0.02));  // too noisy for equivalence at 0.1 %
    const Verdict v = judge(alone(*same, 0.001)).verdict;
    different += v == Verdict::better || v == Verdict::worse;
    const auto slowed = ratio_from_rounds(draws.normals(7, std::log(1.02), 0.01));
    wrongly_equal += judge(alone(*slowed, 0.01)).verdict == Verdict::equivalent;
  }
  INFO(different << " and " << wrongly_equal);
  CHECK(within_band(different, trials, 0.05));
  CHECK(at_most(wrongly_equal, trials, 0.05));
}

TEST_CASE("verdicts and relations have the words that files and tables use") {
  CHECK(name_of(Verdict::better) == "better");
  CHECK(name_of(Verdict::incomparable) == "incomparable");
  CHECK(name_of(HypothesisVerdict::refuted) == "refuted");
  for (const char* sign : {"<", "<=", ">", ">="}) CHECK(name_of(*relation_named(sign)) == sign);
  CHECK_FALSE(relation_named("=="));
}
