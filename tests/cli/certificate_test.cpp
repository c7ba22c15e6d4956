// What the doctor says of a machine's controls.
#include "cli/certificate.hpp"

#include <cmath>

#include "cli/yardstick.hpp"
#include "harness/core/random.hpp"
#include "harness/stats/distributions.hpp"
#include "harness/stats/power.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::cli;
using Catch::Matchers::ContainsSubstring;

namespace {

PooledControl control(const std::string& experiment, int number, double p) {
  PooledControl c;
  c.machine = "m";
  c.run = experiment + std::to_string(number);
  c.experiment = experiment;
  c.metric = "time_s";
  c.treatment = "t";
  c.time = "2026-11-" + std::string(number % 2 == 0 ? "28" : "09") + "T03:00:00Z";
  c.p = p;
  c.spread = {.rounds = 7, .quads = 4, .sd = 0.01, .sd_between = 0.006, .sd_within = 0.016, .start_s = 0.05, .quad_s = 0.0125, .fixed_s = 0.1};
  return c;
}

/// `alarms` of `count` below 5 %, in experiments of four runs each.
std::vector<PooledControl> controls(int count, int alarms) {
  std::vector<PooledControl> list;
  for (int i = 0; i < count; ++i) list.push_back(control("e" + std::to_string(i / 4), i, i < alarms ? 0.01 : 0.6));
  return list;
}

double cost_of(const Finding& f, const std::string& name) {
  for (const auto& [cost, value] : f.cost) {
    if (cost == name) return value;
  }
  FAIL("no number " << name);
  return 0;
}

}  // namespace

TEST_CASE("without a control the doctor says how to get one") {
  const auto findings = findings_of(certify({}));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].name == "false alarms");
  CHECK(findings[0].status == Status::unavailable);
  CHECK_THAT(findings[0].advice, ContainsSubstring("assay doctor --aa"));
}

TEST_CASE("false alarms are counted with Clopper and Pearson's interval, runs, experiments and the first day") {
  const Certificate c = certify(controls(112, 4));
  CHECK(c.comparisons == 112);
  CHECK(c.alarms == 4);
  CHECK(c.runs == 112);
  CHECK(c.experiments == 28);
  REQUIRE(c.rate);
  // Each bound is where the binomial tail beyond the count is 2.5 %.
  CHECK(1 - stats::binomial_cdf(3, 112, c.rate->low) == Approx(0.025).epsilon(1e-6));
  CHECK(stats::binomial_cdf(4, 112, c.rate->high) == Approx(0.025).epsilon(1e-6));
  const auto findings = findings_of(c);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].status == Status::ok);
  CHECK(findings[0].always);
  CHECK_THAT(findings[0].value, ContainsSubstring("4 of 112 comparisons of a program with itself (3.6 %, 95 % CI [0.98, 8.9]), alpha 5 %, from 112 runs of 28 experiments since 2026-11-09"));
  CHECK(cost_of(findings[0], "comparisons") == 112);
  CHECK(cost_of(findings[0], "rate_high") == Approx(c.rate->high));
}

TEST_CASE("a rate whose lower bound is above alpha is a warning, one that may be alpha is none") {
  CHECK(findings_of(certify(controls(100, 10)))[0].status == Status::ok);  // 10 % [4.9, 17.6]
  const Finding f = findings_of(certify(controls(100, 12)))[0];           // 12 % [6.4, 20.0]
  CHECK(f.status == Status::warning);
  CHECK_THAT(f.advice, ContainsSubstring("--aa 10m"));
  CHECK(findings_of(certify(controls(1, 1)))[0].status == Status::ok);  // 100 % [2.5, 100]
}

TEST_CASE("the doctor's own comparisons and real runs are told apart, and the same blocks are counted once") {
  auto list = controls(8, 0);
  for (int i = 0; i < 5; ++i) list.push_back(control(kYardstickExperiment, i, 0.5));
  list.push_back(control("e0", 0, 0.001));
  list.back().elapsed = false;  // cpu_s of the same run
  list.push_back(control("e0", 0, 0.001));
  list.back().kind = Role::slowed;
  list.back().planted = 1.02;
  list.back().low = 1.01;
  list.back().high = 1.03;
  const Certificate c = certify(list);
  CHECK(c.comparisons == 13);
  CHECK(c.alarms == 0);
  CHECK(c.runs == 8);
  CHECK(c.dedicated == 5);
  CHECK(c.planted == 1);
  CHECK(c.planted_covered == 1);
  CHECK_THAT(findings_of(c)[0].value, ContainsSubstring("from 8 runs of 2 experiments and 5 of the doctor's own since"));
}

TEST_CASE("the smallest difference is that of the noncentral t at the best number of quads") {
  Resolution r{.between = 1e-6, .rest = 1e-4, .start_s = 0.05, .quad_s = 0.0125, .fixed_s = 0.1};
  const auto smallest = r.smallest(10);
  REQUIRE(smallest);
  double least = 1;
  for (int quads = 1; quads <= 40; ++quads) {
    const int rounds = static_cast<int>((10 - 0.1) / (0.05 + quads * 0.0125));
    const double sd = std::sqrt(1e-6 + 1e-4 / quads);
    const double effect = std::log1p(*smallest);
    CHECK(stats::power_of(effect, sd, rounds, 0.05) <= 0.8 + 1e-6);  // no other number of quads finds a smaller one
    least = std::min(least, std::abs(stats::power_of(effect, sd, rounds, 0.05) - 0.8));
  }
  CHECK(least < 1e-6);
  CHECK(*r.smallest(60) < *smallest);
  CHECK_FALSE(r.smallest(0.3).has_value());  // fewer than seven rounds
  // Where only rounds differ more quads buy nothing: the best is one quad a round.
  Resolution rounds_only{.between = 1e-4, .rest = 0, .start_s = 0.05, .quad_s = 0.0125, .fixed_s = 0};
  CHECK(std::log1p(*rounds_only.smallest(10)) == Approx(*stats::smallest_detectable(0.01, 160, 0.05, 0.8)));
}

TEST_CASE("the resolution is the yardstick's where it was compared, else the median of the real workloads") {
  auto list = controls(12, 0);  // three workloads
  for (auto& c : list) {
    if (c.experiment == "e1") c.spread.sd = 0.1;  // one noisy workload doesn't decide
  }
  auto findings = findings_of(certify(list));
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].name == "resolution");
  CHECK_THAT(findings[1].value, ContainsSubstring("in 1, 10 and 60 s: ") && ContainsSubstring("80 % power; the median of 3 workloads"));
  const double of_real = cost_of(findings[1], "smallest_in_10_s");
  for (int i = 0; i < 3; ++i) {
    list.push_back(control(kYardstickExperiment, i, 0.5));
    list.back().spread.sd = 0.002;
    list.back().spread.sd_between = 0.001;
  }
  findings = findings_of(certify(list));
  CHECK_THAT(findings[1].value, ContainsSubstring("1 ms of arithmetic, 3 comparisons"));
  CHECK(cost_of(findings[1], "smallest_in_10_s") < of_real);
  CHECK(cost_of(findings[1], "smallest_in_60_s") < cost_of(findings[1], "smallest_in_10_s"));
}

TEST_CASE("a time in which seven rounds don't fit is left out, and no number is made up where nothing is known") {
  auto list = controls(4, 0);
  for (auto& c : list) c.spread.start_s = 1;
  auto findings = findings_of(certify(list));
  REQUIRE(findings.size() == 2);
  CHECK_THAT(findings[1].value, ContainsSubstring("resolved in 10 and 60 s: "));
  for (auto& c : list) c.spread.start_s = 100;
  CHECK(findings_of(certify(list)).size() == 1);
  for (auto& c : list) c.spread = {.rounds = 7, .quads = 1, .sd = std::nullopt, .sd_between = {}, .sd_within = {}};
  CHECK(findings_of(certify(list)).size() == 1);
}

TEST_CASE("estimates that scatter more than their standard errors say are told, honest ones are not") {
  Random random(585);
  const auto pool_of = [&](double wider) {
    std::vector<PooledControl> list;
    for (int i = 0; i < 2000; ++i) {
      const double z = wider * stats::normal_quantile(std::clamp(random.uniform(), 1e-9, 1 - 1e-9));
      list.push_back(control("e", i, 2 * (1 - stats::normal_cdf(std::abs(z)))));
    }
    return list;
  };
  const Certificate honest = certify(pool_of(1));
  REQUIRE(honest.z_rms);
  CHECK(*honest.z_rms == Approx(1).epsilon(0.04));
  CHECK_THAT(findings_of(honest)[0].value, !ContainsSubstring("too narrow") && !ContainsSubstring("too wide"));
  const Certificate narrow = certify(pool_of(1.3));
  CHECK(*narrow.z_rms == Approx(1.3).epsilon(0.04));
  CHECK_THAT(findings_of(narrow)[0].value, ContainsSubstring("1.3 × too narrow"));
  CHECK(findings_of(narrow)[0].status == Status::warning);
  CHECK_THAT(findings_of(certify(pool_of(0.7)))[0].value, ContainsSubstring("1.4 × too wide"));
  CHECK_FALSE(certify(controls(20, 0)).z_rms.has_value());  // too few to tell
}

TEST_CASE("a p of 0 is an alarm and no infinity") {
  const auto list = controls(40, 0);
  auto broken = list;
  broken[0].p = 0;
  broken[1].p = 1;
  const Certificate c = certify(broken);
  CHECK(c.alarms == 1);
  REQUIRE(c.z_rms);
  CHECK(std::isfinite(*c.z_rms));
}

TEST_CASE("both lines are among the doctor's twenty, fine or not") {
  auto findings = findings_of(certify(controls(112, 4)));
  for (int i = 0; i < 30; ++i) {
    findings.push_back({.name = "w" + std::to_string(i), .status = Status::warning, .value = std::string(70, 'v'), .advice = "mend", .cost = {}, .brief = ""});
  }
  sort_by_cost(findings);
  const std::string text = brief_text(findings, 100, false);
  CHECK(std::count(text.begin(), text.end(), '\n') <= 20);
  CHECK_THAT(text, ContainsSubstring("\n  false alarms      4 of 112 comparisons") && ContainsSubstring("\n  resolution        smallest difference"));
}
