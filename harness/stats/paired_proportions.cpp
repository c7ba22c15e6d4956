#include "harness/stats/paired_proportions.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"
#include "harness/stats/proportion.hpp"

namespace assay::stats {
namespace {

PairedCounts swapped(const PairedCounts& counts) {
  return {counts.both, counts.only_to, counts.only_of, counts.neither};
}

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// Where a falling function becomes less than `level`, between `low` and `high`. The number of steps is
/// fixed, so that the bytes are the same everywhere; 100 halvings leave nothing of a double.
template <class Falling>
double crossing(const Falling& falling, double level, double low, double high) {
  for (int i = 0; i < 100; ++i) {
    const double middle = low + (high - low) / 2;
    (falling(middle) > level ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

/// P(X = k) and P(X ≤ k) of the fair coin, k the rarer side of the items on which they disagree.
struct Discordant {
  std::int64_t fewer = 0;
  std::int64_t all = 0;

  explicit Discordant(const PairedCounts& counts)
      : fewer(std::min(counts.only_of, counts.only_to)), all(counts.only_of + counts.only_to) {}
  double at_most() const { return binomial_cdf(fewer, all, 0.5); }
  double exactly() const { return at_most() - binomial_cdf(fewer - 1, all, 0.5); }
};

/// For theta ≤ 1: the share of items that only `of` gets right, where the likelihood is largest among those
/// with this ratio. The items that nobody gets right keep their share; the rest solves a quadratic with one
/// root ≥ 0.
struct Restricted {
  double only_of = 0;
  double only_to = 0;
};
Restricted restricted(const PairedCounts& counts, double theta) {
  const double both = real(counts.both), of = real(counts.only_of), to = real(counts.only_to);
  const double right = (both + of + to) / real(counts.items());
  const double square = theta * (1 + theta) * (both + of + to);
  const double linear = -both * (1 - theta * theta) + of * (2 * theta * theta - 1) + to * theta * theta;
  const double constant = of * theta * (1 - theta);
  const double root = std::sqrt(linear * linear + 4 * square * constant);
  // Of the two forms the one without a difference of nearly equal numbers.
  const double relative =
      linear >= 0 ? (linear + root) / (2 * square) : (root > linear ? 2 * constant / (root - linear) : 0);
  return {relative * right, std::max(0.0, (theta * relative + 1 - theta) * right)};
}

}  // namespace

double mcnemar_exact_p(const PairedCounts& counts) {
  const Discordant d(counts);
  return std::min(1.0, 2 * d.at_most());
}

double mcnemar_mid_p(const PairedCounts& counts) {
  const Discordant d(counts);
  if (d.all == 0) return 1;
  if (counts.only_of == counts.only_to) return 1 - d.exactly() / 2;
  return 2 * d.at_most() - d.exactly();
}

std::optional<Interval> newcombe_difference(const PairedCounts& counts, double confidence) {
  const std::int64_t n = counts.items();
  const auto of = wilson(counts.of(), n, confidence);
  const auto to = wilson(counts.to(), n, confidence);
  if (!of || !to) return std::nullopt;
  const double items = real(n);
  const double share_of = real(counts.of()) / items;
  const double share_to = real(counts.to()) / items;
  const double margins =
      real(counts.of()) * real(n - counts.of()) * real(counts.to()) * real(n - counts.to());
  double phi = 0;
  if (margins > 0) {
    double cross = real(counts.both) * real(counts.neither) - real(counts.only_of) * real(counts.only_to);
    if (cross > 0) cross = std::max(0.0, cross - items / 2);
    phi = cross / std::sqrt(margins);
  }
  const auto reach = [phi](double a, double b) {
    return std::sqrt(std::max(0.0, a * a - 2 * phi * a * b + b * b));
  };
  const double difference = share_of - share_to;
  return Interval{std::max(-1.0, difference - reach(share_of - of->low, to->high - share_to)),
                  std::min(1.0, difference + reach(of->high - share_of, share_to - to->low))};
}

double difference_score_z(const PairedCounts& counts, double delta) {
  assert(delta > -1 && delta < 1);
  if (counts.items() == 0) return 0;
  if (delta < 0) return -difference_score_z(swapped(counts), -delta);
  const double n = real(counts.items()), of = real(counts.only_of), to = real(counts.only_to);
  const double linear = -of - to + (2 * n - of + to) * delta;
  const double constant = -to * delta * (1 - delta);
  const double root = std::sqrt(linear * linear - 8 * n * constant);
  const double only_to = std::max(0.0, (root - linear) / (4 * n));
  const double variance = n * (2 * only_to + delta * (1 - delta));
  const double distance = of - to - n * delta;
  return variance > 0 ? distance / std::sqrt(variance) : 0;
}

std::optional<Interval> tango_difference(const PairedCounts& counts, double confidence) {
  if (counts.items() == 0) return std::nullopt;
  const double z = normal_quantile(0.5 + confidence / 2);
  const double difference = real(counts.only_of - counts.only_to) / real(counts.items());
  const auto score = [&](double delta) { return difference_score_z(counts, delta); };
  return Interval{difference <= -1 ? -1 : crossing(score, z, -1, difference),
                  difference >= 1 ? 1 : crossing(score, -z, difference, 1)};
}

double difference_equivalence_p(const PairedCounts& counts, double margin) {
  assert(margin > 0 && margin < 1);
  if (counts.items() == 0) return 1;
  const double below = normal_cdf(difference_score_z(counts, margin));
  const double above = normal_cdf(-difference_score_z(counts, -margin));
  return std::max(below, above);
}

double ratio_score_z(const PairedCounts& counts, double theta) {
  assert(theta > 0);
  if (counts.of() == 0 && counts.to() == 0) return 0;
  if (theta > 1) return -ratio_score_z(swapped(counts), 1 / theta);
  const Restricted shares = restricted(counts, theta);
  const double variance = real(counts.items()) * theta * (shares.only_of + shares.only_to);
  return variance > 0 ? (real(counts.of()) - theta * real(counts.to())) / std::sqrt(variance) : 0;
}

double ratio_gate_p(const PairedCounts& counts, double theta) {
  return counts.of() == 0 && counts.to() == 0 ? 1 : normal_cdf(-ratio_score_z(counts, theta));
}

std::optional<RatioInterval> paired_ratio(const PairedCounts& counts, double confidence) {
  if (counts.to() == 0) return std::nullopt;
  const double z = normal_quantile(0.5 + confidence / 2);
  RatioInterval ratio;
  ratio.value = real(counts.of()) / real(counts.to());
  // On a logarithmic scale: the bounds may be far from 1.
  const auto score = [&](double log_theta) { return ratio_score_z(counts, std::exp(log_theta)); };
  constexpr double kFarthest = 40;  // e^±40: no count of items reaches it
  const double middle = ratio.value > 0 ? std::log(ratio.value) : -kFarthest;
  if (ratio.value > 0) ratio.low = std::exp(crossing(score, z, -kFarthest, middle));
  ratio.high = std::exp(crossing(score, -z, middle, kFarthest));
  return ratio;
}

}  // namespace assay::stats
