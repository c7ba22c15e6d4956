#include "reports/tails.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "harness/core/statistic.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/quantile.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

using record::RunRecord;
using record::Side;

constexpr double kClockBound_s = 1e-6;  // below it two readings of the clock are a good part of a sample

double percentile(const record::SideTail& tail, double p) {
  return *stats::quantile(tail.tail->values, p);
}

/// The calibration's word on how many samples a process of this treatment can give at most; nothing if it is
/// enough.
std::optional<std::int64_t> most_samples(const RunRecord& run, Side side) {
  const auto found = run.calibration.find("most_samples");
  if (found == run.calibration.end() || !found->is_object() || side.treatment < 0) return std::nullopt;
  const auto most = found->find(run.ids[static_cast<std::size_t>(side.treatment)]);
  if (most == found->end() || !most->is_number_integer()) return std::nullopt;
  return most->get<std::int64_t>();
}

std::string with_thousands(std::int64_t n) {
  return with_decimals(static_cast<double>(n), 0);
}

template <class Combine>
std::vector<RoundTail> paired(const RunRecord& run, Side of, Side to, const Combine& combine) {
  std::map<int, std::vector<double>> by_round;
  const auto others = record::side_tails(run, to);
  for (const record::SideTail& one : record::side_tails(run, of)) {
    for (const record::SideTail& other : others) {
      if (one.round == other.round && one.group == other.group)
        by_round[one.round].push_back(combine(one, other));
    }
  }
  std::vector<RoundTail> rounds;
  for (const auto& [round, all] : by_round) rounds.push_back({round, stats::mean(all)});
  return rounds;
}

}  // namespace

std::optional<std::string> no_percentile(const RunRecord& run, const Planned& planned, Side side,
                                         const PlannedMetric& metric, std::string_view statistic) {
  const auto p = percentile_of(statistic);
  if (!p) return std::nullopt;
  constexpr std::string_view kThereIs = "typical, mean and median are there";
  const auto treatment = static_cast<std::size_t>(side.treatment);
  const std::int64_t needed = samples_needed(*p);
  const auto too_few = [&](std::string_view how_many, std::string_view remedy) {
    return fmt::format("too_few_samples: {} needs {} samples of each process, and {}; {}", statistic,
                       with_thousands(needed), how_many, remedy);
  };
  if (planned.workers[treatment] == "command") {
    return too_few("an execution of a command is one sample", "ask for the median, or write a worker");
  }
  if (metric.index < 0 || metric.index != run.elapsed_metric) {
    return fmt::format("percentiles are of single iterations, and {} isn't what blocks time; {}",
                       metric.metric.name, kThereIs);
  }
  for (const record::Replicate& replicate : run.replicates) {
    if (replicate.treatment == side.treatment && replicate.role == side.role && replicate.modelled) {
      return fmt::format(
          "an iteration is a part of the work ({}), and a percentile of parts isn't the whole's; {}",
          replicate.modelled->note, kThereIs);
    }
  }
  const auto tails = record::side_tails(run, side);
  std::optional<std::int64_t> fewest;
  for (const record::SideTail& tail : tails) {
    const auto n = static_cast<std::int64_t>(tail.tail->values.size());
    fewest = std::min(fewest.value_or(n), n);
  }
  if (fewest && *fewest >= needed) return std::nullopt;
  constexpr std::string_view kRemedy =
      "raise block_s in [limits], or ask for a percentile nearer to the middle";
  if (const auto most = most_samples(run, side); most && *most < needed) {
    return too_few(fmt::format("at most {} fit into the time limit of a block", with_thousands(*most)),
                   kRemedy);
  }
  if (fewest) return too_few(fmt::format("one gave {}", with_thousands(*fewest)), kRemedy);
  const bool any_round = std::any_of(run.rounds.begin(), run.rounds.end(), [](const record::Round& r) {
    return r.state == record::RoundState::complete;
  });
  if (!any_round) return "the run ended before a round was complete";
  const bool asked = std::ranges::any_of(
      record::blocks_of(run, side), [](const record::Block& block) { return block.phase == Phase::tail; });
  return too_few(asked ? "the worker sent none, though it was asked for them"
                       : "no process of this run was asked for any",
                 asked ? "answer `samples` in its reply to run (docs/FORMAT.md)" : kThereIs);
}

std::vector<RoundTail> percentile_rounds(const RunRecord& run, Side side, double p) {
  std::map<int, std::vector<double>> by_round;
  for (const record::SideTail& tail : record::side_tails(run, side))
    by_round[tail.round].push_back(percentile(tail, p));
  std::vector<RoundTail> rounds;
  for (const auto& [round, values] : by_round) rounds.push_back({round, *stats::median(values)});
  return rounds;
}

std::vector<RoundTail> paired_log_percentiles(const RunRecord& run, Side of, Side to, double p) {
  bool positive = true;
  auto logs = paired(run, of, to, [&](const record::SideTail& one, const record::SideTail& other) {
    const double a = percentile(one, p), b = percentile(other, p);
    positive = positive && a > 0 && b > 0;
    return positive ? std::log(a) - std::log(b) : 0.0;
  });
  if (!positive) logs.clear();
  return logs;
}

std::vector<RoundTail> paired_percentile_differences(const RunRecord& run, Side of, Side to, double p) {
  return paired(run, of, to, [&](const record::SideTail& one, const record::SideTail& other) {
    return percentile(one, p) - percentile(other, p);
  });
}

std::optional<stats::Estimate> percentile_value(const RunRecord& run, Side side, double p) {
  std::vector<double> values;
  for (const RoundTail& round : percentile_rounds(run, side, p)) values.push_back(round.value);
  auto estimate = stats::median_interval(values, 0.95);
  if (!estimate) return std::nullopt;
  const double tick = record::clock_tick(run, side);
  if (estimate->interval)
    estimate->interval = {std::max(0.0, estimate->interval->low - tick), estimate->interval->high + tick};
  const auto tails = record::side_tails(run, side);
  const bool in_seconds = tick < 1;
  if (in_seconds && std::any_of(tails.begin(), tails.end(), [](const record::SideTail& tail) {
        return *stats::quantile(tail.tail->values, 0.5) < kClockBound_s;
      })) {
    estimate->warnings.push_back(
        "iterations take less than 1 µs: reading the clock twice is a good part of each sample");
  }
  return estimate;
}

double percentile_clock_term(const RunRecord& run, Side side, double p) {
  double smallest = 0;
  for (const record::SideTail& tail : record::side_tails(run, side)) {
    const double value = percentile(tail, p);
    if (value > 0 && (smallest == 0 || value < smallest)) smallest = value;
  }
  return smallest > 0 ? record::clock_tick(run, side) / smallest : 0;
}

std::vector<ProcessTail> process_tails(const RunRecord& run, Side side, double p) {
  std::vector<ProcessTail> all;
  for (const record::SideTail& tail : record::side_tails(run, side)) {
    const auto& values = tail.tail->values;
    all.push_back(
        {tail.round, static_cast<std::int64_t>(values.size()), stats::within_one_process(values, p)});
  }
  return all;
}

std::vector<TailCurve> tail_curves(const RunRecord& run, const Planned& planned) {
  constexpr double kShares[] = {0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015};
  constexpr double kDecade[] = {1, 0.7, 0.5, 0.3, 0.2, 0.15};
  constexpr double kFewestBeyond = 10;  // samples of a process that are slower
  std::vector<TailCurve> curves;
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    std::vector<const std::vector<double>*> processes;  // ascending
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const record::SideTail& tail : record::side_tails(run, Side{static_cast<int>(t), Role::plain})) {
      processes.push_back(&tail.tail->values);
      fewest = std::min(fewest, tail.tail->values.size());
    }
    if (processes.empty()) continue;
    TailCurve curve{.treatment = static_cast<int>(t), .shares = {}, .values_s = {}};
    const auto add = [&](double share) {
      if (share * static_cast<double>(fewest) < kFewestBeyond) return;
      std::vector<double> quantiles;
      for (const std::vector<double>* values : processes) {
        const auto beyond = static_cast<std::size_t>(share * static_cast<double>(values->size()));
        quantiles.push_back((*values)[values->size() - 1 - beyond]);
      }
      curve.shares.push_back(share);
      curve.values_s.push_back(*stats::median(quantiles));
    };
    for (const double share : kShares) add(share);
    for (double decade = 0.01; decade > 1e-7; decade /= 10) {
      for (const double part : kDecade) add(decade * part);
    }
    if (curve.shares.size() > 1) curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace assay::reports
