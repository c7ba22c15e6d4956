#include "reports/contrasts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/core/statistic.hpp"
#include "harness/stats/distributions.hpp"
#include "harness/stats/equivalence.hpp"
#include "harness/stats/location.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/paired.hpp"
#include "harness/stats/quantile.hpp"
#include "harness/stats/tail.hpp"
#include "reports/item_results.hpp"
#include "reports/tails.hpp"

namespace assay::reports {

namespace {

using record::Block;
using record::RunRecord;
using record::Side;

stats::EstimateSettings settings_for(const RunRecord& run, const Planned& planned,
                                     const PlannedMetric& metric, std::initializer_list<Side> sides) {
  stats::EstimateSettings settings;
  settings.seed = planned.seed;
  settings.pilot = planned.pilot;
  settings.deterministic_if_equal = metric.metric.can_be_exact();
  settings.clock_term = clock_term_of(run, metric, sides);
  return settings;
}

std::vector<double> values_of(const std::vector<RoundTail>& rounds) {
  std::vector<double> values;
  for (const RoundTail& round : rounds) values.push_back(round.value);
  return values;
}
/// Both sides of one round as plain lists, and as quads where they were blocks.
struct RoundOfTwo {
  int round = 0;
  std::vector<stats::Quad> quads;
  std::vector<double> of, to;
};

bool is_of(const Side& side, int treatment, Role role) {
  return side.role == role && side.treatment == treatment;
}

/// A value a replicate, paired where both sides lived in one group of one complete round. A command's
/// execution is a process of its own, and its block lists what was read from its output.
std::vector<RoundOfTwo> replicate_rounds(const RunRecord& run, Side of, Side to,
                                         const PlannedMetric& metric) {
  std::map<std::pair<int, int>, RoundOfTwo> by_group;  // (round, group)
  const auto add = [&](int round, int group, int treatment, Role role, double value) {
    RoundOfTwo& place = by_group[{round, group}];
    if (is_of(of, treatment, role)) place.of.push_back(value);
    if (is_of(to, treatment, role)) place.to.push_back(value);
  };
  for (const record::Replicate& r : run.replicates) {
    if (r.phase != Phase::measure || r.abandoned || !r.ending.ok()) continue;
    for (const auto& [name, value] : r.metrics) {
      if (name == metric.metric.name) add(r.round, r.group, r.treatment, r.role, value);
    }
  }
  for (const Side& side : {of, to}) {
    for (const Block& b : record::blocks_of(run, side)) {
      if (!b.estimated()) continue;
      for (const auto& [index, value] : b.metrics) {
        if (index == metric.index) add(b.round, b.group, b.treatment, b.role, value);
      }
    }
  }
  std::map<int, RoundOfTwo> rounds;
  for (auto& [place, values] : by_group) {
    const bool complete =
        std::any_of(run.rounds.begin(), run.rounds.end(), [number = place.first](const record::Round& r) {
          return r.number == number && r.state == record::RoundState::complete;
        });
    if (!complete || values.of.empty() || values.to.empty()) continue;
    RoundOfTwo& round = rounds[place.first];
    round.of.insert(round.of.end(), values.of.begin(), values.of.end());
    round.to.insert(round.to.end(), values.to.begin(), values.to.end());
  }
  std::vector<RoundOfTwo> list;
  for (auto& [number, round] : rounds) {
    round.round = number;
    list.push_back(std::move(round));
  }
  return list;
}

std::vector<RoundOfTwo> rounds_of_two(const RunRecord& run, Side of, Side to, const PlannedMetric& metric) {
  if (metric.metric.scope != Scope::block) return replicate_rounds(run, of, to, metric);
  std::vector<RoundOfTwo> list;
  if (metric.index < 0) return list;
  for (const record::PairedRound& paired : record::paired_rounds(run, of, to, metric.index)) {
    RoundOfTwo round{.round = paired.round, .quads = {}, .of = {}, .to = {}};
    for (const record::QuadValues& q : paired.quads) {
      round.quads.push_back({.of1 = q.of1, .of2 = q.of2, .to1 = q.to1, .to2 = q.to2});
      round.of.insert(round.of.end(), {q.of1, q.of2});
      round.to.insert(round.to.end(), {q.to1, q.to2});
    }
    if (!round.quads.empty()) list.push_back(std::move(round));
  }
  return list;
}

/// Of Stein's pilot the rounds that these sides lived through: what was lost there isn't made up for by a
/// later round.
template <class Rounds>
void count_pilot(const Rounds& rounds, stats::EstimateSettings& settings) {
  if (!settings.pilot) return;
  settings.pilot = static_cast<int>(std::count_if(
      rounds.begin(), rounds.end(), [last = *settings.pilot](const auto& r) { return r.round <= last; }));
}

bool is_mean(const PlannedMetric& metric, std::string_view statistic) {
  return statistic == "mean" || (statistic == "typical" && metric.estimand == plan::Estimand::mean);
}

/// Of a rate the mean over equal work is harmonic: the mean time for a unit of work is arithmetic, and its
/// inverse is the rate.
bool is_harmonic(const PlannedMetric& metric, std::string_view statistic) {
  return metric.metric.kind == Kind::rate && is_mean(metric, statistic);
}

bool all_positive(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return x > 0; });
}

/// Arithmetic mean of 1/x. Requires values > 0.
double mean_of_inverses(const std::vector<double>& values) {
  std::vector<double> inverses;
  for (const double x : values) inverses.push_back(1 / x);
  return stats::mean(inverses);
}

std::optional<double> log_ratio_of_round(const RoundOfTwo& round, std::string_view statistic) {
  if (statistic == "typical" && !round.quads.empty()) return stats::round_log_ratio(round.quads);
  const double of = *stats::median(round.of);
  const double to = *stats::median(round.to);
  if (!(of > 0) || !(to > 0)) return std::nullopt;
  return std::log(of) - std::log(to);
}

Contrast ratio_contrast(const std::vector<RoundOfTwo>& rounds, const PlannedMetric& metric,
                        std::string_view statistic, const stats::EstimateSettings& settings) {
  Contrast result{.scale = Scale::ratio, .estimate = {}, .p_equivalence = {}};
  if (is_mean(metric, statistic)) {
    std::vector<double> of, to;
    for (const RoundOfTwo& round : rounds) {
      if (!is_harmonic(metric, statistic)) {
        of.push_back(stats::mean(round.of));
        to.push_back(stats::mean(round.to));
        continue;
      }
      if (!all_positive(round.of) || !all_positive(round.to)) return result;
      of.push_back(
          mean_of_inverses(round.to));  // a ratio of harmonic means is that of the mean times, turned over
      to.push_back(mean_of_inverses(round.of));
    }
    result.estimate = stats::ratio_of_means(of, to, settings);
    if (result.estimate && metric.margin > 0) {
      result.p_equivalence = stats::ratio_of_means_equivalence_p(of, to, metric.margin, settings);
    }
    result.p_of_ratio = [of, to, settings](double ratio) {
      return stats::ratio_of_means_p(of, to, ratio, settings);
    };
    return result;
  }
  std::vector<double> logs;
  for (const RoundOfTwo& round : rounds) {
    const auto log = log_ratio_of_round(round, statistic);
    if (!log)
      return result;  // a block that a coarse clock read as 0; without its round the choice would be by
                      // result
    logs.push_back(*log);
  }
  result.estimate = stats::ratio_from_rounds(logs, settings);
  if (result.estimate && result.estimate->location && metric.margin > 0 && metric.margin < 1) {
    result.p_equivalence = stats::ratio_equivalence_p(*result.estimate->location, metric.margin);
  }
  return result;
}

Contrast percentile_contrast(const RunRecord& run, Side of, Side to, const PlannedMetric& metric, double p,
                             Scale scale, stats::EstimateSettings settings) {
  Contrast result{.scale = scale, .estimate = {}, .p_equivalence = {}};
  if (scale == Scale::difference) {
    settings.clock_term = 0;  // it is relative
    const auto rounds = paired_percentile_differences(run, of, to, p);
    count_pilot(rounds, settings);
    result.estimate = stats::difference_from_rounds(values_of(rounds), settings);
    return result;
  }
  settings.clock_term = 0;
  for (const Side& side : {of, to}) settings.clock_term += percentile_clock_term(run, side, p);
  const auto rounds = paired_log_percentiles(run, of, to, p);
  count_pilot(rounds, settings);
  result.estimate = stats::ratio_from_rounds(values_of(rounds), settings);
  if (result.estimate && result.estimate->location && metric.margin > 0 && metric.margin < 1) {
    result.p_equivalence = stats::ratio_equivalence_p(*result.estimate->location, metric.margin);
  }
  return result;
}

Contrast difference_contrast(const std::vector<RoundOfTwo>& rounds, const PlannedMetric& metric,
                             std::string_view statistic, stats::EstimateSettings settings) {
  Contrast result{.scale = Scale::difference, .estimate = {}, .p_equivalence = {}};
  std::vector<double> differences;
  for (const RoundOfTwo& round : rounds) {
    if (is_harmonic(metric, statistic)) {
      if (!all_positive(round.of) || !all_positive(round.to)) return result;
      differences.push_back(1 / mean_of_inverses(round.of) - 1 / mean_of_inverses(round.to));
      continue;
    }
    differences.push_back(round.quads.empty() ? stats::mean(round.of) - stats::mean(round.to)
                                              : *stats::round_difference(round.quads));
  }
  if (metric.metric.clock != Clock::none) settings.clock_term = 0;  // it is relative; a difference has a unit
  result.estimate = stats::difference_from_rounds(differences, settings);
  if (result.estimate && result.estimate->location && metric.margin > 0) {
    result.p_equivalence = stats::difference_equivalence_p(*result.estimate->location, metric.margin);
  }
  return result;
}

/// From the mean time of a unit of work to its rate. The location stays that of the time, where it is normal.
void turn_over(stats::Estimate& estimate) {
  estimate.value = 1 / estimate.value;
  if (!estimate.interval) return;
  if (estimate.deterministic) {
    estimate.interval = {estimate.value, estimate.value};
  } else if (estimate.interval->low > 0) {
    estimate.interval = {1 / estimate.interval->high, 1 / estimate.interval->low};
  } else {
    estimate.interval.reset();
    estimate.location.reset();
    estimate.warnings.push_back(
        "the mean time of a unit of work can't be told from 0: its rate has no bounded interval; add rounds");
  }
}

/// The items are the sample where they are known: the rounds repeated the same answers.
void take_items(Contrast& result, const std::optional<stats::PairedCounts>& counts,
                const PlannedMetric& metric) {
  if (!counts) return;
  if (result.scale == Scale::ratio) {
    if (counts->of() == 0 || counts->to() == 0) return;
    result.estimate = ratio_over_items(*result.estimate, *counts);
    result.p_equivalence.reset();
  } else {
    result.estimate = difference_over_items(*result.estimate, *counts);
    result.p_equivalence.reset();
    if (metric.margin > 0 && metric.margin < 1)
      result.p_equivalence = stats::difference_equivalence_p(*counts, metric.margin);
  }
  result.items = counts;
}

}  // namespace

Scale natural_scale(const Metric& metric) {
  return metric.compared_by_ratio() ? Scale::ratio : Scale::difference;
}

Contrast contrast(const RunRecord& run, const Planned& planned, Side of, Side to, const PlannedMetric& metric,
                  std::string_view statistic, Scale scale) {
  auto settings = settings_for(run, planned, metric, {of, to});
  if (const auto p = percentile_of(statistic))
    return percentile_contrast(run, of, to, metric, *p, scale, settings);
  const auto rounds = rounds_of_two(run, of, to, metric);
  count_pilot(rounds, settings);
  Contrast result = scale == Scale::ratio ? ratio_contrast(rounds, metric, statistic, settings)
                                          : difference_contrast(rounds, metric, statistic, settings);
  if (result.estimate) take_items(result, paired_items(run, of, to, metric), metric);
  return result;
}

std::optional<double> p_of_bound(const Contrast& contrast, double bound) {
  const bool ratio = contrast.scale == Scale::ratio;
  if (!contrast.estimate || !contrast.estimate->location || (ratio && !(bound > 0))) return std::nullopt;
  if (!contrast.items && contrast.p_of_ratio) return contrast.p_of_ratio(bound);
  if (!contrast.items)
    return stats::two_sided_p(*contrast.estimate->location, ratio ? std::log(bound) : bound);
  if (!ratio && !(bound > -1 && bound < 1)) return 0;
  const double z = ratio ? stats::ratio_score_z(*contrast.items, bound)
                         : stats::difference_score_z(*contrast.items, bound);
  return std::min(1.0, 2 * stats::normal_cdf(-std::fabs(z)));
}

double clock_term_of(const RunRecord& run, const PlannedMetric& metric, std::initializer_list<Side> sides) {
  if (metric.metric.scope != Scope::block || metric.metric.can_be_exact()) return 0;
  double sum = 0;
  for (const Side& side : sides)
    sum += stats::clock_term(record::clock_tick(run, side), record::elapsed_of(run, side)).value_or(0);
  return sum;
}

std::map<int, double> round_log_ratios(const RunRecord& run, Side of, Side to, const PlannedMetric& metric,
                                       std::string_view statistic) {
  std::map<int, double> by_round;
  if (percentile_of(statistic)) return by_round;
  for (const RoundOfTwo& round : rounds_of_two(run, of, to, metric)) {
    std::optional<double> log;
    if (is_harmonic(metric, statistic)) {
      if (all_positive(round.of) && all_positive(round.to))
        log = std::log(mean_of_inverses(round.to)) - std::log(mean_of_inverses(round.of));
    } else if (is_mean(metric, statistic)) {
      const double mean_of = stats::mean(round.of), mean_to = stats::mean(round.to);
      if (mean_of > 0 && mean_to > 0) log = std::log(mean_of) - std::log(mean_to);
    } else {
      log = log_ratio_of_round(round, statistic);
    }
    if (!log) return {};
    by_round[round.round] = *log;
  }
  return by_round;
}

std::optional<stats::Estimate> own_value(const RunRecord& run, const Planned& planned, Side side,
                                         const PlannedMetric& metric, std::string_view statistic) {
  if (metric.index < 0) return std::nullopt;
  if (const auto p = percentile_of(statistic)) return percentile_value(run, side, *p);
  const bool arithmetic = natural_scale(metric.metric) == Scale::difference || is_mean(metric, statistic);
  const bool harmonic = is_harmonic(metric, statistic);
  const bool of_median = !arithmetic || statistic == "median";
  std::vector<double> summaries;
  const auto rounds = record::side_rounds(run, side, metric.index);
  for (const record::SideRound& round : rounds) {
    if (round.values.empty()) continue;
    if (harmonic && !all_positive(round.values)) return std::nullopt;
    summaries.push_back(harmonic    ? mean_of_inverses(round.values)
                        : of_median ? *stats::median(round.values)
                                    : stats::mean(round.values));
  }
  auto settings = settings_for(run, planned, metric, {side});
  count_pilot(rounds, settings);
  if (!arithmetic) return stats::geometric_mean_of_rounds(summaries, settings);
  settings.clock_term = 0;  // relative; see difference_contrast
  auto estimate = stats::mean_of_rounds(summaries, settings);
  if (estimate && harmonic) turn_over(*estimate);
  if (estimate) {
    if (const auto items = item_results(run, side, metric)) return over_items(*std::move(estimate), *items);
  }
  return estimate;
}

std::optional<double> own_value_p(const RunRecord& run, Side side, const PlannedMetric& metric,
                                  std::string_view statistic, const stats::Estimate& own, double bound) {
  if (!own.interval) return std::nullopt;
  if (const auto p = percentile_of(statistic)) {
    return stats::sign_test_p(values_of(percentile_rounds(run, side, *p)), bound);
  }
  if (!own.location) return std::nullopt;
  if (natural_scale(metric.metric) == Scale::difference) return stats::two_sided_p(*own.location, bound);
  if (is_mean(metric, statistic) && !is_harmonic(metric, statistic))
    return stats::two_sided_p(*own.location, bound);
  if (!(bound > 0)) return std::nullopt;
  return stats::two_sided_p(*own.location, is_harmonic(metric, statistic) ? 1 / bound : std::log(bound));
}

}  // namespace assay::reports
