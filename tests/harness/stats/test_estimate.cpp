#include <cmath>
#include <vector>

#include "draws.hpp"
#include "harness/stats/estimate.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_least;
using tests::Draws;
using tests::within_band;

namespace {

// "Student" (W. S. Gosset), The probable error of a mean, Biometrika 6 (1908): additional hours of sleep
// gained by ten patients under one drug over another. R prints, for t.test of these pairs: t = 4.0621, df =
// 9, p = 0.002833, 95 percent confidence interval 0.7001142 2.4598858.
const std::vector<double> kSleep{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

}  // namespace

TEST_CASE("differences over rounds give Student's published interval and p") {
  const auto e = difference_from_rounds(kSleep);
  REQUIRE(e);
  REQUIRE(e->interval);
  CHECK(e->n == 10);
  CHECK(e->value == Approx(1.58));
  CHECK(e->interval->low == Approx(0.7001142).epsilon(1e-6));
  CHECK(e->interval->high == Approx(2.4598858).epsilon(1e-6));
  CHECK(*e->p_t == Approx(0.002833).epsilon(1e-3));
  CHECK(e->location->center / e->location->standard_error == Approx(4.0621).epsilon(1e-4));
}

TEST_CASE("log ratios give the same interval, exponentiated") {
  const auto logs = difference_from_rounds(kSleep);
  const auto ratio = ratio_from_rounds(kSleep);
  CHECK(ratio->value == Approx(std::exp(logs->value)));
  CHECK(ratio->interval->low == Approx(std::exp(logs->interval->low)));
  CHECK(ratio->interval->high == Approx(std::exp(logs->interval->high)));
  CHECK(*ratio->p_t == *logs->p_t);
}

TEST_CASE("a cell's own value is a geometric mean where values are positive, and arithmetic elsewhere") {
  const std::vector<double> times{1, 2, 4};
  CHECK(geometric_mean_of_rounds(times)->value == Approx(2));
  CHECK(mean_of_rounds(times)->value == Approx(7.0 / 3));
  CHECK_FALSE(mean_of_rounds(times)->p_t);
  CHECK_FALSE(geometric_mean_of_rounds(times)->p_permutation);
  CHECK_FALSE(geometric_mean_of_rounds(std::vector<double>{1, 0, 2}));
  CHECK(mean_of_rounds(std::vector<double>{1, 0, 2})->interval);
}

TEST_CASE("no round gives no estimate, one round no interval and a sentence that says why") {
  CHECK_FALSE(ratio_from_rounds({}));
  CHECK_FALSE(mean_of_rounds({}));
  const auto e = ratio_from_rounds(std::vector<double>{0.5});
  REQUIRE(e);
  CHECK(e->value == Approx(std::exp(0.5)));
  CHECK_FALSE(e->interval);
  CHECK_FALSE(e->sd);
  CHECK_FALSE(e->p_t);
  REQUIRE(e->warnings.size() == 1);
  CHECK(e->warnings[0] == "1 round: no interval; at least 2 rounds are needed");
}

TEST_CASE("a permutation p stands beside t from 6 rounds on") {
  Draws draws(1);
  CHECK_FALSE(ratio_from_rounds(draws.normals(5))->p_permutation);
  CHECK(ratio_from_rounds(draws.normals(6))->p_permutation);
}

TEST_CASE("a coarse clock widens the interval by its term on both sides") {
  const auto fine = ratio_from_rounds(kSleep);
  const auto coarse = ratio_from_rounds(kSleep, {.clock_term = 0.25});
  CHECK(std::log(coarse->interval->low) == Approx(std::log(fine->interval->low) - 0.25));
  CHECK(std::log(coarse->interval->high) == Approx(std::log(fine->interval->high) + 0.25));
  CHECK(*coarse->p_t > *fine->p_t);
}

TEST_CASE("equal rounds never give an interval of width 0 unless the metric is declared deterministic") {
  const double d = std::log(0.3);
  const std::vector<double> equal{d, d + 3e-16, d, d, d, d - 3e-16, d};  // as a sum of logarithms comes out

  const auto unknown = ratio_from_rounds(equal);
  CHECK_FALSE(unknown->interval);
  CHECK_FALSE(unknown->p_t);
  REQUIRE(unknown->warnings.size() == 1);
  CHECK(unknown->warnings[0] ==
        "all 7 rounds are equal: no interval without the clock's resolution; time longer blocks");

  const auto clocked = ratio_from_rounds(equal, {.clock_term = 0.01});
  REQUIRE(clocked->interval);
  CHECK(clocked->interval->low == Approx(0.3 * std::exp(-0.01)));
  CHECK(clocked->interval->high == Approx(0.3 * std::exp(0.01)));
  CHECK_FALSE(clocked->deterministic);
}

TEST_CASE("a deterministic metric has low = high = value") {
  const std::vector<double> accuracy(7, 0.9911);
  const auto e = mean_of_rounds(accuracy, {.deterministic_if_equal = true});
  REQUIRE(e->interval);
  CHECK(e->deterministic);
  CHECK(e->value == 0.9911);
  CHECK(e->interval->low == e->value);
  CHECK(e->interval->high == e->value);

  const auto bytes =
      geometric_mean_of_rounds(std::vector<double>(5, 61706.0), {.deterministic_if_equal = true});
  CHECK(bytes->value == 61706.0);
  CHECK(bytes->interval->low == 61706.0);

  const auto varies = mean_of_rounds(std::vector<double>{0.99, 0.98, 0.99}, {.deterministic_if_equal = true});
  CHECK_FALSE(varies->deterministic);
  CHECK(varies->interval->low < varies->interval->high);
}

TEST_CASE("deterministic differences are certain in either direction") {
  const auto none = difference_from_rounds(std::vector<double>(6, 0.0), {.deterministic_if_equal = true});
  CHECK(*none->p_t == 1);
  CHECK(*none->p_permutation == 1);
  const auto some = difference_from_rounds(std::vector<double>(6, -0.002), {.deterministic_if_equal = true});
  CHECK(*some->p_t == 0);
  CHECK(*some->p_permutation == Approx(2.0 / 64));
}

TEST_CASE("rounds far from normal are announced where the two tests disagree") {
  // One round of 15 carries the mean: t sees a variance, the permutation sees fourteen rounds on one side.
  std::vector<double> rounds(15, 0.01);
  for (std::size_t i = 0; i < rounds.size(); ++i) rounds[i] += 1e-4 * static_cast<double>(i);
  rounds[14] = 1.5;
  const auto e = ratio_from_rounds(rounds);
  CHECK(*e->p_t > 0.05);
  CHECK(*e->p_permutation < 0.05);
  REQUIRE(e->warnings.size() == 1);
  CHECK(e->warnings[0].find("disagree") != std::string::npos);
}

TEST_CASE("under Stein's rule the deviation is the pilot's and all rounds count in the mean") {
  const std::vector<double> rounds{0.1, 0.3, 0.2, 5.0, -5.0};
  const auto e = ratio_from_rounds(rounds, {.pilot = 3});
  CHECK(*e->sd == Approx(0.1));
  CHECK(e->location->degrees == 2);
  CHECK(e->location->standard_error == Approx(0.1 / std::sqrt(5.0)));
  CHECK(std::log(e->value) == Approx(0.12));
  const auto impossible = ratio_from_rounds(rounds, {.pilot = 9});
  CHECK_FALSE(impossible->interval);
  CHECK(impossible->warnings[0] ==
        "the pilot has 9 of 5 rounds: no interval; a pilot has at least 2 rounds and at most all");
}

TEST_CASE("the 95 % interval covers at 95 % with 5, 7 and 15 normal rounds") {
  for (const int rounds : {5, 7, 15}) {
    Draws draws(100 + static_cast<std::uint64_t>(rounds));
    const int trials = 10'000;
    int covered = 0;
    for (int i = 0; i < trials; ++i) {
      const auto e = ratio_from_rounds(draws.normals(rounds, std::log(0.5), 0.02));
      covered += e->interval->contains(0.5);
    }
    INFO(rounds << " rounds: " << covered);
    CHECK(within_band(covered, trials, 0.95));
  }
}

TEST_CASE("heavy symmetric tails make the interval cover more than it says, not less") {
  // Expected: 0.955–0.975 for t with 3 degrees of freedom (Benjamini, Is the t test really conservative when
  // the parent distribution is long-tailed?, JASA 78, 1983).
  for (const int rounds : {5, 7, 15}) {
    Draws draws(200 + static_cast<std::uint64_t>(rounds));
    const int trials = 10'000;
    int covered = 0;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> d;
      for (int r = 0; r < rounds; ++r) d.push_back(draws.heavy());
      covered += ratio_from_rounds(d)->interval->contains(1);
    }
    INFO(rounds << " rounds: " << covered);
    CHECK(covered > 0.95 * trials);
    CHECK(covered < 0.985 * trials);
  }
}

TEST_CASE("strong skewness costs coverage, which is why times are compared as logarithms") {
  // Arithmetic means of lognormal values with σ = 1: t covers some 83 % at 7 rounds. On the log scale the
  // same draws are normal, and cover.
  Draws draws(300);
  const int trials = 10'000;
  int arithmetic = 0;
  int geometric = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> x = draws.normals(7);
    for (double& v : x) v = std::exp(v);
    arithmetic += mean_of_rounds(x)->interval->contains(std::exp(0.5));
    geometric += geometric_mean_of_rounds(x)->interval->contains(1);
  }
  INFO(arithmetic << " and " << geometric);
  CHECK(arithmetic < 0.90 * trials);
  CHECK(arithmetic > 0.78 * trials);
  CHECK(within_band(geometric, trials, 0.95));
}

TEST_CASE("a coarse clock's interval covers although all readings are quantised") {
  // True values lie anywhere between two ticks; every reading is rounded down to one. Rounds differ by far
  // less than a tick, so that t alone sees no variance at all and would be certain of a wrong value.
  Draws draws(400);
  const int trials = 2'000;
  const double tick = 0.05;
  int covered = 0;
  for (int i = 0; i < trials; ++i) {
    const double truth = draws.uniform();
    std::vector<double> read;
    for (int r = 0; r < 7; ++r) read.push_back(tick * std::floor((truth + 1e-4 * draws.normal()) / tick));
    covered += ratio_from_rounds(read, {.clock_term = tick})->interval->contains(std::exp(truth));
  }
  INFO(covered);
  CHECK(at_least(covered, trials, 0.95));
}
