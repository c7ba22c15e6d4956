#include <cmath>

#include "draws.hpp"
#include "harness/stats/diagnostics.hpp"
#include "harness/stats/dip.hpp"
#include "harness/stats/multiplicity.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::Draws;

namespace {

std::vector<Series> one(const std::vector<double>& values) {
  return {Series(values.begin(), values.end())};
}

/// Rounds of which each keeps `kept` of the last one's deviation.
std::vector<double> autoregressive(Draws& draws, int rounds, double kept) {
  std::vector<double> xs{draws.normal() / std::sqrt(1 - kept * kept)};
  while (static_cast<int>(xs.size()) < rounds) xs.push_back(kept * xs.back() + draws.normal());
  return xs;
}

std::vector<std::vector<double>> blocks(Draws& draws, int rounds, int each, double between) {
  std::vector<std::vector<double>> all;
  for (int r = 0; r < rounds; ++r) all.push_back(draws.normals(each, between * draws.normal(), 0.01));
  return all;
}

}  // namespace

TEST_CASE("the dip of the published sample is the published one") {
  // Hartigan & Hartigan 1985, §5, quality of 63 faculties of statistics: 0.0595; p by Maechler's diptest
  // 0.0867.
  const std::vector<double> faculties{30, 33, 35, 36, 37, 37, 39, 39, 39, 39, 39, 40, 40, 40, 40, 41,
                                      42, 43, 43, 43, 44, 44, 45, 45, 46, 46, 47, 47, 48, 48, 48, 49,
                                      50, 50, 51, 52, 52, 53, 53, 53, 53, 53, 54, 54, 57, 57, 59, 60,
                                      60, 60, 61, 61, 61, 61, 62, 62, 62, 62, 63, 66, 70, 72, 72};
  CHECK(dip(faculties) == Approx(0.05952381).epsilon(1e-7));
  CHECK(dip_p(faculties) == Approx(0.0867).margin(0.004));
}

TEST_CASE("a dip lies between 1/(2n) and a quarter") {
  std::vector<double> even;
  for (int i = 0; i < 20; ++i) even.push_back(i);
  CHECK(dip(even) == Approx(1.0 / 40));
  CHECK(dip(std::vector<double>{1, 1, 2, 2}) == Approx(0.25));
  CHECK(dip(std::vector<double>{3, 3, 3}) == Approx(1.0 / 6));
  CHECK(dip({}) == 0);
  CHECK(dip_p(std::vector<double>{1, 1, 1, 2, 2, 2, 2}) == 1);  // too few to tell
}

TEST_CASE("one mode may hold many equal values") {
  // By Maechler's diptest (dip.c): a unimodal distribution may jump at its mode.
  CHECK(dip(std::vector<double>{1, 2, 2, 2, 2, 2, 2, 2, 2, 2}) == Approx(1.0 / 20));
  CHECK(dip(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 2}) == Approx(1.0 / 20));
  std::vector<double> medians(13, 0.12);
  medians.insert(medians.end(), {0.13, 0.13});
  CHECK(dip(medians) == Approx(2.0 / 30));
  CHECK(dip_p(medians) == 1);
  std::vector<double> centred = Draws(43).normals(120);
  centred.insert(centred.end(), 30, 0.0);
  CHECK(dip_p(centred) > 0.5);
}

TEST_CASE("the steps of a coarse clock are no modes") {
  Draws draws(44);
  const double step = 0.01;
  auto all = blocks(draws, 30, 16, 0.02);
  for (auto& round : all) {
    for (double& x : round) x = step * std::round((x + 0.02 * draws.normal()) / step);
  }
  CHECK(modes_of(all).p < kSuspicious);  // as if it were exact
  CHECK(modes_of(all, step).p > 0.1);
}

TEST_CASE("a dip is that of the mirrored and rescaled sample") {
  Draws draws(3);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> xs = draws.normals(5 + i % 40);
    if (i % 2 == 0) {
      for (std::size_t k = 0; k < xs.size() / 2; ++k) xs[k] += 6;
    }
    std::vector<double> mirrored;
    for (const double x : xs) mirrored.push_back(7 - 3 * x);
    CHECK(dip(xs) == Approx(dip(mirrored)).epsilon(1e-9));
  }
}

TEST_CASE("the p of a dip is uniform under the uniform distribution and large under the normal") {
  Draws draws(41);
  const int trials = 4'000;
  for (const int n : {20, 100, 300}) {  // none of them a size of the table
    int five = 0, one_in_hundred = 0, normal = 0;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> xs;
      for (int k = 0; k < n; ++k) xs.push_back(draws.uniform());
      const double p = dip_p(xs);
      five += p < 0.05;
      one_in_hundred += p < 0.01;
      normal += dip_p(draws.normals(n)) < 0.05;
    }
    INFO(n << ": " << five << " " << one_in_hundred);
    CHECK(tests::within_band(five, trials, 0.05));
    CHECK(tests::within_band(one_in_hundred, trials, 0.01));
    CHECK(normal < trials / 50);
  }
}

TEST_CASE("two speeds are found, and said which") {
  Draws draws(5);
  std::vector<double> xs = draws.normals(60, 0, 0.01);
  for (int i = 0; i < 20; ++i) xs.push_back(0.3 + 0.01 * draws.normal());
  CHECK(dip_p(xs) < 1e-4);
  const TwoGroups groups = two_groups(xs);
  CHECK(groups.low == Approx(0).margin(0.01));
  CHECK(groups.high == Approx(0.3).margin(0.01));
  CHECK(groups.upper_part == 0.25);
}

TEST_CASE("speeds that change within rounds and speeds that processes keep are told apart") {
  Draws draws(6);
  auto within = blocks(draws, 7, 16, 0.05);
  for (auto& round : within) {
    for (double& x : round) x += draws.uniform() < 0.4 ? 0.3 : 0;
  }
  CHECK(modes_of(within).p < 1e-4);
  CHECK(modes_of(within).within);
  auto kept = blocks(draws, 30, 16, 0.02);
  for (std::size_t r = 0; r < 30; ++r) {
    for (double& x : kept[r]) x += r % 2 == 0 ? 0.3 : 0;
  }
  CHECK(modes_of(kept).p < kSuspicious);
  CHECK_FALSE(modes_of(kept).within);
  CHECK(modes_of(blocks(draws, 7, 16, 0.5)).p > 0.1);  // seven rounds that merely differ
}

TEST_CASE("Kendall's tau counts rising and falling pairs") {
  CHECK(mann_kendall_tau(std::vector<double>{1, 2, 3, 4}) == 1);
  CHECK(mann_kendall_tau(std::vector<double>{4, 3, 2, 1}) == -1);
  CHECK(mann_kendall_tau(std::vector<double>{1, 3, 2}) == Approx(1.0 / 3));
  CHECK(mann_kendall_tau(std::vector<double>{2, 2, 2}) == 0);
  CHECK(mann_kendall_tau({}) == 0);
}

TEST_CASE("of seven rounds a trend is seen if at most one pair is out of order") {
  // 1 order rises, 6 have one pair out of order; as many fall: 2/5040 and 14/5040.
  CHECK(trend_p(one({1, 2, 3, 4, 5, 6, 7}), 1)[0] == Approx(2.0 / 5040));
  CHECK(trend_p(one({1, 2, 4, 3, 5, 6, 7}), 1)[0] == Approx(14.0 / 5040));
  CHECK(trend_p(one({1, 2, 4, 3, 5, 7, 6}), 1)[0] > kSuspicious);
  CHECK(trend_p(one({1, 2, 3, 4, 5, 6}), 1)[0] < kSuspicious);
  CHECK(trend_p(one({1, 2, 3, 4, 5}), 1)[0] > kSuspicious);  // no order of five is rare enough
}

TEST_CASE("rows that drift alike cost each other nothing, and rows of their own do") {
  const std::vector<double> rising{1, 2, 3, 4, 5, 6, 7};
  std::vector<Series> alike(20, one(rising)[0]);
  CHECK(trend_p(alike, 1)[7] == Approx(2.0 / 5040));
  Draws draws(8);
  std::vector<Series> mixed{one(rising)[0]};
  for (int i = 0; i < 19; ++i) mixed.push_back(one(draws.normals(7))[0]);
  CHECK(trend_p(mixed, 1)[0] > 2.0 / 5040);
  CHECK(trend_p(mixed, 1)[0] < 20 * 2.0 / 5040 + 1e-9);
}

TEST_CASE("a row that lost rounds doesn't drown another's trend") {
  const Series rising{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
  const Series five{1.0, std::nullopt, 5.0, 2.0, std::nullopt, 4.0, 3.0};
  const Series six{1.0, 6.0, 5.0, 2.0, std::nullopt, 4.0, 3.0};
  CHECK(trend_p(std::vector<Series>{rising, five}, 1)[0] == Approx(2.0 / 5040));
  CHECK(trend_p(std::vector<Series>{rising, five}, 1)[1] == 1);
  CHECK(trend_p(std::vector<Series>{rising, six}, 1)[0] == Approx(2.0 / 5040));
}

TEST_CASE("Kendall's tau of many values is that of all their pairs") {
  Draws draws(45);
  for (const int n : {49, 64, 257}) {
    std::vector<double> xs;
    for (int i = 0; i < n; ++i) xs.push_back(std::round(10 * draws.normal() + 0.05 * i));  // with ties
    double score = 0;
    for (std::size_t s = 0; s < xs.size(); ++s) {
      for (std::size_t t = s + 1; t < xs.size(); ++t) score += (xs[t] > xs[s]) - (xs[t] < xs[s]);
    }
    CHECK(mann_kendall_tau(xs) == Approx(score / (n * (n - 1) / 2.0)).epsilon(1e-12));
  }
}

TEST_CASE("missing rounds and constant rows are no reason for alarm") {
  Series gaps{1.0, std::nullopt, 2.0, 3.0, 4.0, std::nullopt, 5.0, 6.0};
  const auto p = trend_p(std::vector<Series>{gaps, Series(8, 3.0), Series(8)}, 1);
  CHECK(p[0] < 0.01);
  CHECK(p[1] == 1);
  CHECK(p[2] == 1);
  CHECK(autocorrelation_p(std::vector<Series>{Series(8, 0.1)}, 1)[0] == 1);
  CHECK(trend_p({}, 1).empty());
}

TEST_CASE("rounds that resemble their predecessors are noticed if there are enough of them") {
  Draws draws(9);
  const int trials = 300;
  int few = 0, many = 0;
  for (int i = 0; i < trials; ++i) {
    few += autocorrelation_p(one(autoregressive(draws, 7, 0.8)), 1)[0] < kSuspicious;
    many += autocorrelation_p(one(autoregressive(draws, 30, 0.8)), 1)[0] < kSuspicious;
  }
  INFO(few << " of 7 rounds, " << many << " of 30, of " << trials);
  CHECK(few < trials / 20);
  CHECK(many > trials * 8 / 10);
}

TEST_CASE("a clean table is warned about in at most one of a hundred") {
  // Four rows and a baseline: cells and ratios share the baseline's noise, as in a table.
  Draws draws(10);
  const int trials = 1'200;
  int warned = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<Series> series;
    std::vector<std::optional<double>> modes;
    std::vector<std::vector<double>> cells;
    for (int c = 0; c < 5; ++c) {
      const auto all = blocks(draws, 7, 8, 0.02);
      modes.emplace_back(modes_of(all).p);
      cells.emplace_back();
      for (const auto& round : all) cells.back().push_back(round[3]);
      series.push_back(one(cells.back())[0]);
    }
    for (std::size_t c = 1; c < 5; ++c) {
      series.emplace_back();
      for (std::size_t r = 0; r < 7; ++r) series.back().emplace_back(cells[c][r] - cells[0][r]);
    }
    bool any = false;
    for (const double p : trend_p(series, 1)) any |= p < kSuspicious;
    for (const double p : autocorrelation_p(series, 1)) any |= p < kSuspicious;
    for (const auto& p : holm_adjusted(modes)) any |= *p < kSuspicious;
    warned += any;
  }
  INFO(warned << " of " << trials);
  CHECK(tests::at_most(warned, trials, 0.01));
}

TEST_CASE("blocks that copy each other are worth fewer") {
  Draws draws(12);
  std::vector<std::vector<double>> independent, copying;
  for (int r = 0; r < 200; ++r) {
    independent.push_back(draws.normals(16, draws.normal()));
    copying.push_back(autoregressive(draws, 16, 0.5));
  }
  CHECK(*effective_number(independent) > 0.9 * 3'200);
  // (1 − 0.5)/(1 + 0.5); the correction for short rounds is of first order.
  CHECK(*effective_number(copying) == Approx(3'200.0 / 3).epsilon(0.15));
  std::vector<std::vector<double>> short_rounds;
  for (int r = 0; r < 20'000; ++r) short_rounds.push_back(draws.normals(4));
  CHECK(*effective_number(short_rounds) == Approx(80'000).epsilon(0.03));  // the correction leaves no bias
  CHECK_FALSE(effective_number(std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
  CHECK_FALSE(effective_number(std::vector<std::vector<double>>{{1, 1, 1}}));
}
