#include "harness/stats/estimate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/distributions.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/permutation.hpp"

namespace assay::stats {
namespace {

// Values whose spread is below this part of their scale are equal: it is far above the rounding of a sum of
// logarithms (some 10⁻¹⁵) and far below what any clock resolves.
constexpr double kEqual = 1e-12;

enum class Scale { arithmetic, logarithmic };

std::string rounds_text(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " round" : " rounds");
}

/// Log ratios have the absolute scale 1; other values that of the largest.
double scale_of(std::span<const double> values, Scale scale) {
  double largest = scale == Scale::logarithmic ? 1 : 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));
  return largest;
}

/// Fills sd, location and `deterministic`, or warns. The one place that knows the rules for zero variance.
void locate(Estimate& e, std::span<const double> values, Scale scale, const EstimateSettings& settings) {
  e.location = mean_location(values, settings.pilot, settings.clock_term);
  if (!e.location) {
    e.warnings.push_back(values.size() < 2
                             ? rounds_text(values.size()) + ": no interval; at least 2 rounds are needed"
                             : "the pilot has " + std::to_string(*settings.pilot) + " of " +
                                   rounds_text(values.size()) +
                                   ": no interval; a pilot has at least 2 rounds and at most all");
    return;
  }
  e.sd = e.location->standard_error * std::sqrt(static_cast<double>(values.size()));
  if (*e.sd > kEqual * scale_of(values, scale)) return;

  e.sd = 0;
  e.location->standard_error = 0;
  if (settings.clock_term > 0) return;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const bool all_equal =
      *most - *least <= kEqual * scale_of(values, scale);  // under Stein the pilot alone may be
  if (settings.deterministic_if_equal && all_equal) {
    e.deterministic = true;
    return;
  }
  e.location.reset();
  e.warnings.push_back(std::string(all_equal ? "all " : "the pilot's ") +
                       rounds_text(static_cast<std::size_t>(settings.pilot.value_or(e.n))) +
                       " are equal: no interval without the clock's resolution; time longer blocks");
}

void test_against_zero(Estimate& e, std::span<const double> values, const EstimateSettings& settings) {
  if (!e.location) return;
  e.p_t = two_sided_p(*e.location, 0);
  e.p_permutation = sign_flip_p(values, settings.seed);
}

/// A symmetric sample rarely lets the two disagree; where they do, the reader should see the rounds.
void warn_if_tests_disagree(Estimate& e) {
  if (!e.p_t || !e.p_permutation || e.location->slack > 0 || e.deterministic) return;
  const double alpha = 1 - e.confidence;
  const bool attainable = std::ldexp(2.0, -e.n) < alpha;
  if (attainable && (*e.p_t < alpha) != (*e.p_permutation < alpha)) {
    e.warnings.push_back(
        "t and permutation test disagree at this level: " + rounds_text(static_cast<std::size_t>(e.n)) +
        " that are far from normal; look at the rounds, or add some");
  }
}

Estimate begin(std::span<const double> values, Scale scale, const EstimateSettings& settings) {
  assert(settings.confidence > 0 && settings.confidence < 1 && settings.clock_term >= 0);
  Estimate e;
  e.confidence = settings.confidence;
  e.n = static_cast<int>(values.size());
  const double center = mean(values);
  e.value = scale == Scale::logarithmic ? std::exp(center) : center;
  locate(e, values, scale, settings);
  if (e.location) {
    const Interval i = interval_of(*e.location, settings.confidence);
    e.interval = scale == Scale::logarithmic ? Interval{std::exp(i.low), std::exp(i.high)} : i;
  }
  return e;
}

/// Of "the ratio of means is exp(log_ratio)", which an error of the clock may have moved to the nearest
/// within ± slack.
double fieller_p(std::span<const double> of, std::span<const double> to, const Location& linearised,
                 double log_ratio, const EstimateSettings& settings) {
  const double distance = linearised.center - log_ratio;
  if (std::abs(distance) <= settings.clock_term) return 1;
  const double theta = std::exp(log_ratio + std::copysign(settings.clock_term, distance));
  std::vector<double> contrast;
  for (std::size_t r = 0; r < of.size(); ++r) contrast.push_back(of[r] - theta * to[r]);
  Location at = *mean_location(contrast, settings.pilot);
  if (linearised.standard_error <= 0) at.standard_error = 0;
  return two_sided_p(at, 0);
}

bool all_positive(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return x > 0; });
}

}  // namespace

std::optional<Estimate> ratio_from_rounds(std::span<const double> log_ratios,
                                          const EstimateSettings& settings) {
  if (log_ratios.empty()) return std::nullopt;
  Estimate e = begin(log_ratios, Scale::logarithmic, settings);
  test_against_zero(e, log_ratios, settings);
  warn_if_tests_disagree(e);
  return e;
}

std::optional<Estimate> difference_from_rounds(std::span<const double> differences,
                                               const EstimateSettings& settings) {
  if (differences.empty()) return std::nullopt;
  Estimate e = begin(differences, Scale::arithmetic, settings);
  test_against_zero(e, differences, settings);
  warn_if_tests_disagree(e);
  return e;
}

std::optional<Estimate> mean_of_rounds(std::span<const double> values, const EstimateSettings& settings) {
  if (values.empty()) return std::nullopt;
  return begin(values, Scale::arithmetic, settings);
}

std::optional<Estimate> geometric_mean_of_rounds(std::span<const double> values,
                                                 const EstimateSettings& settings) {
  if (values.empty() || !all_positive(values)) return std::nullopt;
  std::vector<double> logs;
  for (const double x : values) logs.push_back(std::log(x));
  Estimate e = begin(logs, Scale::logarithmic, settings);
  if (e.deterministic) {  // exp(ln x) is not x to the last bit, and a deterministic value is printed as it is
    e.value = values.front();
    e.interval = Interval{e.value, e.value};
  }
  return e;
}

std::optional<Estimate> ratio_of_means(std::span<const double> of, std::span<const double> to,
                                       const EstimateSettings& settings) {
  if (of.empty() || of.size() != to.size() || !all_positive(of) || !all_positive(to)) return std::nullopt;
  const double of_mean = mean(of);
  const double to_mean = mean(to);

  // Each side divided by its mean: a Taylor step of the log ratio around the means, and at the same time what
  // makes Fieller's quadratic (1 − v_tt) θ² − 2 (1 − v_ot) θ + (1 − v_oo) = 0 free of cancellation; θ is in
  // units of the ratio.
  std::vector<double> linear;
  std::vector<double> of_unit;
  std::vector<double> to_unit;
  for (std::size_t r = 0; r < of.size(); ++r) {
    of_unit.push_back(of[r] / of_mean);
    to_unit.push_back(to[r] / to_mean);
    linear.push_back(of_unit[r] - to_unit[r]);
  }
  Estimate e;
  e.confidence = settings.confidence;
  e.n = static_cast<int>(of.size());
  e.value = of_mean / to_mean;
  locate(e, linear, Scale::logarithmic, settings);
  if (!e.location) return e;
  e.location->center = std::log(e.value);
  if (e.deterministic) {  // constant *quotients* are not enough: both sides must stand still
    const auto constant = [](std::span<const double> unit) { return *moments(unit).sd <= kEqual; };
    if (!constant(of_unit) || !constant(to_unit)) {
      e.deterministic = false;
      e.location.reset();
      e.warnings.push_back("both sides vary, their ratio does not: no interval");
      return e;
    }
  }

  const double slack = settings.clock_term;
  if (e.location->standard_error <= 0) {
    e.interval = Interval{e.value * std::exp(-slack), e.value * std::exp(slack)};
  } else {
    const double t = t_quantile(0.5 + settings.confidence / 2, e.location->degrees);
    const std::size_t spread_from = static_cast<std::size_t>(settings.pilot.value_or(e.n));
    const auto per_mean = [&](std::span<const double> unit) {  // t² s²/n of a side
      const double half = t * *moments(unit.first(spread_from)).sd / std::sqrt(static_cast<double>(e.n));
      return half * half;
    };
    const double v_of = per_mean(of_unit);
    const double v_to = per_mean(to_unit);
    const double v_linear = t * t * e.location->standard_error * e.location->standard_error;
    const double v_both = (v_of + v_to - v_linear) / 2;
    if (v_to >= 1) {
      e.location.reset();
      e.warnings.push_back(
          "the baseline's mean can't be told from 0: its ratio has no bounded interval; add rounds");
      return e;
    }
    const double root = std::sqrt(std::max(0.0, v_linear + v_both * v_both - v_of * v_to));
    const double middle = 1 - v_both;
    e.interval = Interval{e.value * (middle - root) / (1 - v_to) * std::exp(-slack),
                          e.value * (middle + root) / (1 - v_to) * std::exp(slack)};
  }

  e.p_t = fieller_p(of, to, *e.location, 0, settings);
  std::vector<double> differences;
  for (std::size_t r = 0; r < of.size(); ++r) differences.push_back(of[r] - to[r]);
  e.p_permutation = sign_flip_p(differences, settings.seed);
  warn_if_tests_disagree(e);
  return e;
}

std::optional<double> ratio_of_means_p(std::span<const double> of, std::span<const double> to, double ratio,
                                       const EstimateSettings& settings) {
  assert(ratio > 0);
  const auto estimate = ratio_of_means(of, to, settings);
  if (!estimate || !estimate->location) return std::nullopt;
  return fieller_p(of, to, *estimate->location, std::log(ratio), settings);
}

}  // namespace assay::stats
