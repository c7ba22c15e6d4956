#include "harness/run/forecast.hpp"

#include <algorithm>
#include <cmath>

#include "harness/stats/power.hpp"
#include "harness/stats/stein.hpp"

namespace assay::run {

namespace {

constexpr double kConfidence = 0.95;

/// sd of pair `index` in rounds of `quads` quads.
std::optional<double> sd_of(const Spread& spread, std::size_t index, int quads) {
  if (spread.pairs.empty()) return spread.sd;
  return index < spread.pairs.size() ? stats::sd_at(spread.pairs[index], quads) : std::nullopt;
}

double clock_of(const Spread& spread, std::size_t index) {
  return index < spread.pairs.size() ? spread.pairs[index].clock_term : 0;
}

std::optional<Forecast::Precision> precision_of(const plan::Plan& plan, const Calibration& calibration,
                                                const stats::Costs& costs, const Spread& spread) {
  const double half_width = stats::log_half_width(*plan.preset.precision_target);
  const int pilot = calibration.rounds;
  Forecast::Precision p;
  p.quads = stats::cheapest_quads(spread.pairs, costs, calibration.quads, half_width);
  for (std::size_t i = 0; i < plan.pairs.size(); ++i) {
    const auto sd = sd_of(spread, i, p.quads);
    if (!sd) continue;
    const auto expected = stats::rounds_expected(*sd, pilot, half_width, kConfidence, clock_of(spread, i));
    if (!expected) continue;
    p.rounds = std::max(p.rounds, expected->typical);
    p.low = std::max(p.low, expected->low);
    p.high = std::max(p.high, expected->high);
  }
  if (p.rounds == 0) return std::nullopt;
  const auto minutes = [&](std::int64_t rounds) {
    const double first = pilot * (costs.start_s + calibration.quads * costs.block_s);
    return (first + static_cast<double>(rounds - pilot) * (costs.start_s + p.quads * costs.block_s)) / 60;
  };
  p.minutes = minutes(p.rounds);
  p.minutes_low = minutes(p.low);
  p.minutes_high = minutes(p.high);
  p.over_budget = plan.preset.budget_s && p.minutes * 60 > *plan.preset.budget_s;
  return p;
}

}  // namespace

Forecast forecast(const plan::Plan& plan, const Calibration& calibration, const stats::Costs& costs,
                  const std::optional<Spread>& spread) {
  Forecast f;
  f.comparisons = static_cast<int>(
      std::count_if(plan.pairs.begin(), plan.pairs.end(), [](const plan::Pair& pair) { return pair.in_table; }));
  if (f.comparisons == 0) {
    f.reason = "nothing is compared: the experiment has no baseline";
    return f;
  }
  const double level = f.alpha / f.comparisons;
  if (spread && plan.preset.precision_target) f.precision = precision_of(plan, calibration, costs, *spread);
  const bool by_stein = plan.preset.precision_target && !(f.precision && f.precision->over_budget);
  /// Whatever the deviation is: of the half-width the clock takes its part, and the rest is chance.
  const auto by_width = [&](double clock) -> std::optional<double> {
    const double chance = stats::log_half_width(*plan.preset.precision_target) - clock;
    if (!(chance > 0)) return std::nullopt;
    return stats::smallest_detectable_by_stein(chance, calibration.rounds, level, f.power);
  };
  bool all = true;
  for (std::size_t i = 0; i < plan.pairs.size(); ++i) {
    if (!plan.pairs[i].in_table) continue;
    PairForecast pair{.of = plan.pairs[i].of, .to = plan.pairs[i].to, .sd = {}, .smallest_difference = {}};
    std::optional<double> log_difference;
    const double clock = spread ? clock_of(*spread, i) : 0;
    if (by_stein) log_difference = by_width(clock);
    if (spread) pair.sd = sd_of(*spread, i, f.precision ? f.precision->quads : calibration.quads);
    if (pair.sd) {
      f.sd = std::max(f.sd.value_or(0), *pair.sd);
      if (!by_stein) log_difference = stats::smallest_detectable(*pair.sd, calibration.rounds, level, f.power);
    }
    if (log_difference) *log_difference += clock;
    if (log_difference) {
      pair.smallest_difference = std::expm1(*log_difference);
      f.smallest_difference = std::max(f.smallest_difference.value_or(0), *pair.smallest_difference);
    }
    all = all && pair.smallest_difference;
    f.pairs.push_back(pair);
  }
  if (!all) {
    f.smallest_difference.reset();
    f.reason = calibration.rounds < 2 ? "one round has no deviation; give the preset more"
               : spread               ? "some comparison has too few complete rounds in " + spread->source
                                      : "no earlier run on this machine";
  }
  return f;
}

}  // namespace assay::run
