#include "harness/stats/diagnostics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "harness/stats/dip.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/quantile.hpp"
#include "harness/stats/splitmix64.hpp"

namespace assay::stats {
namespace {

constexpr std::size_t kMostForAllOrders = 7;  // 7! = 5,040
constexpr int kMostOrders = 9'999;
constexpr int kFewestOrders = 999;  // enough for kSuspicious
constexpr double kWork = 3e7;       // additions that a table may cost

/// The values of a series in this order of rounds.
void gather(const Series& series, const std::vector<std::size_t>& order, std::vector<double>& values) {
  values.clear();
  for (const std::size_t r : order) {
    if (series[r]) values.push_back(*series[r]);
  }
}

/// p of each series by the largest statistic of all in permuted rounds.
template <class Statistic>
std::vector<double> by_largest(std::span<const Series> series, std::uint64_t seed,
                               const Statistic& statistic) {
  std::vector<double> p(series.size(), 1.0);
  if (series.empty()) return p;
  std::vector<std::size_t> order(series.front().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> observed, values;
  for (const Series& s : series) {
    gather(s, order, values);
    observed.push_back(statistic(values));
  }
  std::vector<std::int64_t> reached(series.size(), 0);
  const auto count = [&] {
    double largest = 0;
    for (const Series& s : series) {
      gather(s, order, values);
      largest = std::max(largest, statistic(values));
    }
    for (std::size_t i = 0; i < series.size(); ++i) reached[i] += largest >= observed[i] - 1e-12;
  };
  const bool all = order.size() <= kMostForAllOrders;
  double orders = 0;
  if (all) {
    do {
      count();
      ++orders;
    } while (std::next_permutation(order.begin(), order.end()));
  } else {
    const double rounds = static_cast<double>(order.size());
    const double cost = static_cast<double>(series.size()) * rounds * rounds / 2;
    const int drawn = static_cast<int>(std::clamp(kWork / cost, double{kFewestOrders}, double{kMostOrders}));
    SplitMix64 draws(seed);
    for (int i = 0; i < drawn; ++i) {
      for (std::size_t k = order.size() - 1; k > 0; --k) std::swap(order[k], order[draws.below(k + 1)]);
      count();
    }
    orders = drawn;
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!(observed[i] > 0)) continue;
    const double n = static_cast<double>(reached[i]);
    p[i] = all ? n / orders : (n + 1) / (orders + 1);
  }
  return p;
}

}  // namespace

double lag1_autocorrelation(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double middle = mean(values);
  double products = 0, squares = 0;
  for (std::size_t t = 0; t < values.size(); ++t) {
    const double e = values[t] - middle;
    squares += e * e;
    if (t + 1 < values.size()) products += e * (values[t + 1] - middle);
  }
  const double scale = middle * middle * static_cast<double>(values.size());
  return squares > 1e-24 * scale ? products / squares : 0;  // below, the values are equal but for rounding
}

double mann_kendall_tau(std::span<const double> values) {
  if (values.size() < 2) return 0;
  std::int64_t score = 0;
  for (std::size_t s = 0; s < values.size(); ++s) {
    for (std::size_t t = s + 1; t < values.size(); ++t)
      score += (values[t] > values[s]) - (values[t] < values[s]);
  }
  const double n = static_cast<double>(values.size());
  return static_cast<double>(score) / (n * (n - 1) / 2);
}

std::vector<double> trend_p(std::span<const Series> series, std::uint64_t seed) {
  return by_largest(series, seed, [](std::span<const double> xs) { return std::abs(mann_kendall_tau(xs)); });
}

std::vector<double> autocorrelation_p(std::span<const Series> series, std::uint64_t seed) {
  return by_largest(series, seed, [](std::span<const double> xs) { return lag1_autocorrelation(xs); });
}

std::optional<double> effective_number(std::span<const std::vector<double>> rounds) {
  double products = 0, squares = 0, pairs = 0, blocks = 0, bias = 0;
  for (const auto& round : rounds) {
    const double n = static_cast<double>(round.size());
    blocks += n;
    if (round.size() < 3) continue;
    const double middle = mean(round);
    for (std::size_t t = 0; t < round.size(); ++t) {
      squares += (round[t] - middle) * (round[t] - middle) * (n - 1) / n;
      if (t + 1 < round.size()) products += (round[t] - middle) * (round[t + 1] - middle);
    }
    pairs += n - 1;
    bias += (n - 1) / n;
  }
  if (!(squares > 0)) return std::nullopt;
  // About a mean of their own, n independent values have the expected autocorrelation −1/n.
  const double r = std::clamp(products / squares + bias / pairs, 0.0, 1.0);
  return std::max(1.0, blocks * (1 - r) / (1 + r));
}

Modes modes_of(std::span<const std::vector<double>> log_rounds) {
  Modes between, within;
  within.within = true;
  for (const auto& round : log_rounds) {
    const auto middle = median(round);
    if (!middle) continue;
    between.values.push_back(*middle);
    // Of two blocks or one the median leaves nothing that could have a mode.
    if (round.size() < 4) continue;
    for (const double x : round) within.values.push_back(x - *middle);
  }
  between.p = std::min(1.0, 2 * dip_p(between.values));
  within.p = std::min(1.0, 2 * dip_p(within.values));
  return within.p <= between.p ? within : between;
}

}  // namespace assay::stats
