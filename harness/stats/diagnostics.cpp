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
constexpr std::size_t kFewestForOrder = 6;    // rounds: of fewer no order is rare
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
    const double cost =
        static_cast<double>(series.size()) * rounds * std::min(rounds / 2, 2 * std::log2(rounds));
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

/// Pairs s < t with x_s > x_t; leaves `xs` sorted.
std::int64_t sort_and_count_falling(std::span<double> xs, std::vector<double>& merged) {
  if (xs.size() < 2) return 0;
  const auto left = xs.first(xs.size() / 2), right = xs.subspan(xs.size() / 2);
  std::int64_t falling = sort_and_count_falling(left, merged) + sort_and_count_falling(right, merged);
  merged.clear();
  std::size_t i = 0;
  for (const double x : right) {
    while (i < left.size() && left[i] <= x) merged.push_back(left[i++]);
    falling += static_cast<std::int64_t>(left.size() - i);
    merged.push_back(x);
  }
  merged.insert(merged.end(), left.begin() + static_cast<std::ptrdiff_t>(i), left.end());
  std::copy(merged.begin(), merged.end(), xs.begin());
  return falling;
}

std::int64_t rising_less_falling(std::span<const double> values) {
  constexpr std::size_t kFew = 48;  // up to which comparing all pairs is faster
  std::int64_t score = 0;
  if (values.size() <= kFew) {
    for (std::size_t s = 0; s < values.size(); ++s) {
      for (std::size_t t = s + 1; t < values.size(); ++t)
        score += (values[t] > values[s]) - (values[t] < values[s]);
    }
    return score;
  }
  std::vector<double> xs(values.begin(), values.end()), merged;
  const std::int64_t falling = sort_and_count_falling(xs, merged);
  const auto n = static_cast<std::int64_t>(xs.size());
  std::int64_t tied = 0, run = 1;
  for (std::size_t i = 1; i <= xs.size(); ++i) {
    if (i < xs.size() && xs[i] <= xs[i - 1]) {
      ++run;
      continue;
    }
    tied += run * (run - 1) / 2;
    run = 1;
  }
  return n * (n - 1) / 2 - tied - 2 * falling;
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
  const double n = static_cast<double>(values.size());
  return static_cast<double>(rising_less_falling(values)) / (n * (n - 1) / 2);
}

std::vector<double> trend_p(std::span<const Series> series, std::uint64_t seed) {
  return by_largest(series, seed, [](std::span<const double> xs) {
    if (xs.size() < kFewestForOrder) return 0.0;
    const double n = static_cast<double>(xs.size());
    return std::abs(mann_kendall_tau(xs)) / std::sqrt(2 * (2 * n + 5) / (9 * n * (n - 1)));
  });
}

std::vector<double> autocorrelation_p(std::span<const Series> series, std::uint64_t seed) {
  return by_largest(series, seed, [](std::span<const double> xs) {
    if (xs.size() < kFewestForOrder) return 0.0;
    return lag1_autocorrelation(xs) * std::sqrt(static_cast<double>(xs.size()));
  });
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
    pairs += (n - 1) * (n - 1) / n;
    bias += (n - 1) / n;
  }
  if (!(squares > 0)) return std::nullopt;
  // About a mean of their own, n independent values have the expected products −(n − 1)/n σ², and what stands
  // for their squares here has (n − 1)²/n σ².
  const double r = std::clamp(products / squares + bias / pairs, 0.0, 1.0);
  return std::max(1.0, blocks * (1 - r) / (1 + r));
}

Modes modes_of(std::span<const std::vector<double>> log_rounds, double grain, std::uint64_t seed) {
  Modes between, within;
  within.within = true;
  SplitMix64 draws(seed);
  std::vector<double> round;
  for (const auto& read : log_rounds) {
    round.clear();
    for (const double x : read) round.push_back(x + grain * (draws.uniform() - 0.5));
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
