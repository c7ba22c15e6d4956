#include "reports/contrasts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/stats/equivalence.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/paired.hpp"
#include "harness/stats/quantile.hpp"

namespace assay::reports {

namespace {

using record::Block;
using record::RunRecord;
using record::Side;

constexpr double kNanosecond = 1e-9;  // what steady_clock counts in, where the manifest knows no better

/// What the clock's tick hides in the log of this side's shortest block.
double clock_term_of(const RunRecord& run, const Planned& planned, Side side) {
  std::vector<double> elapsed;
  double tick = planned.tick_s.value_or(kNanosecond);
  for (const Block& block : run.blocks) {
    if (block.treatment != side.treatment || block.role != side.role || !block.estimated()) continue;
    if (block.clock == Clock::instructions || block.clock == Clock::cycles) tick = 1;
    elapsed.push_back(block.elapsed_s);
  }
  return stats::clock_term(tick, elapsed).value_or(0);
}

stats::EstimateSettings settings_for(const RunRecord& run, const Planned& planned,
                                     const PlannedMetric& metric, std::initializer_list<Side> sides) {
  stats::EstimateSettings settings;
  settings.seed = planned.seed;
  settings.pilot = planned.pilot;
  settings.deterministic_if_equal = metric.metric.clock == Clock::none;
  if (metric.metric.scope == Scope::block && metric.metric.clock != Clock::none) {
    for (const Side& side : sides) settings.clock_term += clock_term_of(run, planned, side);
  }
  return settings;
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
  for (const Block& b : run.blocks) {
    if (!b.estimated()) continue;
    for (const auto& [index, value] : b.metrics) {
      if (index == metric.index) add(b.round, b.group, b.treatment, b.role, value);
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
      of.push_back(stats::mean(round.of));
      to.push_back(stats::mean(round.to));
    }
    result.estimate = stats::ratio_of_means(of, to, settings);
    if (result.estimate && metric.margin > 0) {
      result.p_equivalence = stats::ratio_of_means_equivalence_p(of, to, metric.margin, settings);
    }
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

Contrast difference_contrast(const std::vector<RoundOfTwo>& rounds, const PlannedMetric& metric,
                             stats::EstimateSettings settings) {
  Contrast result{.scale = Scale::difference, .estimate = {}, .p_equivalence = {}};
  std::vector<double> differences;
  for (const RoundOfTwo& round : rounds) {
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

}  // namespace

Scale natural_scale(const Metric& metric) {
  return metric.compared_by_ratio() ? Scale::ratio : Scale::difference;
}

std::optional<std::string> unavailable(std::string_view statistic) {
  if (statistic == "typical" || statistic == "mean" || statistic == "median") return std::nullopt;
  return fmt::format(
      "'{}' needs a tail phase (one uninterrupted block a replicate), which this run doesn't have; "
      "typical, mean and median are there",
      statistic);
}

Contrast contrast(const RunRecord& run, const Planned& planned, Side of, Side to, const PlannedMetric& metric,
                  std::string_view statistic, Scale scale) {
  auto settings = settings_for(run, planned, metric, {of, to});
  const auto rounds = rounds_of_two(run, of, to, metric);
  count_pilot(rounds, settings);
  return scale == Scale::ratio ? ratio_contrast(rounds, metric, statistic, settings)
                               : difference_contrast(rounds, metric, settings);
}

std::optional<stats::Estimate> own_value(const RunRecord& run, const Planned& planned, Side side,
                                         const PlannedMetric& metric, std::string_view statistic) {
  if (metric.index < 0) return std::nullopt;
  const bool arithmetic = natural_scale(metric.metric) == Scale::difference || is_mean(metric, statistic);
  const bool of_median = !arithmetic || statistic == "median";
  std::vector<double> summaries;
  const auto rounds = record::side_rounds(run, side, metric.index);
  for (const record::SideRound& round : rounds) {
    if (round.values.empty()) continue;
    summaries.push_back(of_median ? *stats::median(round.values) : stats::mean(round.values));
  }
  auto settings = settings_for(run, planned, metric, {side});
  count_pilot(rounds, settings);
  if (!arithmetic) return stats::geometric_mean_of_rounds(summaries, settings);
  settings.clock_term = 0;  // relative; see difference_contrast
  return stats::mean_of_rounds(summaries, settings);
}

}  // namespace assay::reports
