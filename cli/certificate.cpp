#include "cli/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "cli/yardstick.hpp"
#include "harness/core/units.hpp"
#include "harness/stats/distributions.hpp"
#include "harness/stats/power.hpp"
#include "harness/stats/proportion.hpp"
#include "harness/stats/quantile.hpp"
#include "reports/numbers.hpp"

namespace assay::cli {

namespace {

constexpr double kConfidence = 0.95;
constexpr int kFewestRounds = 7;
constexpr int kMostRounds = 10'000;
constexpr int kMostQuads = 40;
constexpr int kFewestDedicated = 3;   // comparisons of the yardstick; with fewer the real workloads speak
constexpr int kFewestForSpread = 30;  // z values: fewer can't tell 1.1 from 1
constexpr double kLeastP = 1e-15;     // below it a normal quantile has no digits left

std::string percent(double ratio, int digits = 2) { return fmt::format("{} %", significant(100 * ratio, digits)); }

/// |z| of a two-sided p.
double z_of(double p) { return p >= 1 ? 0 : stats::normal_quantile(1 - std::max(p, kLeastP) / 2); }

/// Mean over one workload's comparisons, each counted by the rounds behind it.
Resolution pooled(const std::vector<const PooledControl*>& controls) {
  Resolution r;
  double weights = 0;
  for (const PooledControl* c : controls) {
    const Spread& s = c->spread;
    const double weight = s.rounds - 1;
    const double round = *s.sd * *s.sd;  // with s.quads quads
    // Without components, as with one quad a round, more quads are not counted on.
    const double between = s.sd_between && s.quads > 1 ? std::min(round, *s.sd_between * *s.sd_between) : round;
    weights += weight;
    r.between += weight * between;
    r.rest += weight * (round - between) * s.quads;
    r.start_s += weight * s.start_s;
    r.quad_s += weight * s.quad_s;
    r.fixed_s += weight * s.fixed_s;
  }
  for (double* x : {&r.between, &r.rest, &r.start_s, &r.quad_s, &r.fixed_s}) *x /= weights;
  return r;
}

bool tells_resolution(const PooledControl& c) {
  return c.kind == Role::same && c.elapsed && c.spread.sd && *c.spread.sd > 0 && c.spread.rounds >= 2 && c.spread.quads >= 1 && c.spread.quad_s > 0;
}

void resolve(const std::vector<PooledControl>& controls, Certificate& certificate) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const PooledControl*>> workloads;
  std::vector<const PooledControl*> dedicated;
  for (const PooledControl& c : controls) {
    if (!tells_resolution(c)) continue;
    if (c.experiment == kYardstickExperiment) {
      dedicated.push_back(&c);
    } else {
      workloads[{c.experiment, c.metric, c.treatment}].push_back(&c);
    }
  }
  certificate.of_dedicated = std::ssize(dedicated) >= kFewestDedicated;
  if (certificate.of_dedicated || workloads.empty()) {
    workloads.clear();
    if (!dedicated.empty()) workloads[{}] = dedicated;
    certificate.of_dedicated = !dedicated.empty();
  }
  if (workloads.empty()) return;
  std::vector<Resolution> each;
  for (const auto& [name, list] : workloads) {
    each.push_back(pooled(list));
    certificate.resolution_of += static_cast<int>(list.size());
  }
  certificate.workloads = static_cast<int>(each.size());
  for (const double seconds : kResolvedIn_s) {
    std::vector<double> found;
    for (const Resolution& r : each) {
      if (const auto smallest = r.smallest(seconds)) found.push_back(*smallest);
    }
    // Of a typical workload, so one that most of them can't finish in this time is none.
    const bool most = 2 * found.size() > each.size();
    certificate.resolved.push_back(most ? stats::median(found) : std::nullopt);
  }
}

Finding false_alarms(const Certificate& c) {
  Finding f;
  f.name = "false alarms";
  f.always = true;
  f.value = fmt::format("{} of {} of a program with itself ({}, 95 % CI [{}, {}]), alpha {}", c.alarms,
                        reports::counted(c.comparisons, "comparison"), percent(static_cast<double>(c.alarms) / c.comparisons),
                        significant(100 * c.rate->low, 2), significant(100 * c.rate->high, 2), percent(kAlpha));
  std::string from;
  if (c.runs > 0) from = fmt::format("{} of {}", reports::counted(c.runs, "run"), reports::counted(c.experiments, "experiment"));
  if (c.dedicated > 0) from += fmt::format("{}{} of the doctor's own", from.empty() ? "" : " and ", c.dedicated);
  f.value += fmt::format(", from {}{}", from, c.since.empty() ? "" : " since " + c.since);
  if (c.z_rms && c.z_differs) {
    const bool narrow = *c.z_rms > 1;
    f.value += fmt::format("; intervals here are {} × too {}", significant(narrow ? *c.z_rms : 1 / *c.z_rms, 2), narrow ? "narrow" : "wide");
  }
  f.cost = {{"comparisons", c.comparisons},
            {"alarms", c.alarms},
            {"rate", static_cast<double>(c.alarms) / c.comparisons},
            {"rate_low", c.rate->low},
            {"rate_high", c.rate->high},
            {"alpha", kAlpha},
            {"runs", c.runs},
            {"experiments", c.experiments},
            {"dedicated", c.dedicated}};
  if (c.z_rms) f.cost.emplace_back("z_rms", *c.z_rms);
  if (c.planted > 0) f.cost.insert(f.cost.end(), {{"planted", c.planted}, {"planted_covered", c.planted_covered}});
  if (c.rate->low > kAlpha) {
    f.status = Status::warning;
    f.advice = "verdicts here are wrong more often than they say: mend what else is listed, take more rounds (--preset paper), then look "
               "again: assay doctor --aa 10m";
  }
  return f;
}

std::optional<Finding> resolution(const Certificate& c) {
  const bool any = std::any_of(c.resolved.begin(), c.resolved.end(), [](const auto& r) { return r.has_value(); });
  if (!any) return std::nullopt;
  Finding f;
  f.name = "resolution";
  f.always = true;
  std::string times, effects;
  for (std::size_t i = 0; i < c.resolved.size(); ++i) {
    const std::string seconds = significant(kResolvedIn_s[i], 3);
    if (!c.resolved[i]) continue;
    times += (times.empty() ? "" : i + 1 == c.resolved.size() ? " and " : ", ") + seconds;
    effects += (effects.empty() ? "" : ", ") + percent(*c.resolved[i]);
    f.cost.emplace_back(fmt::format("smallest_in_{}_s", seconds), *c.resolved[i]);
  }
  const std::string of = c.of_dedicated ? fmt::format("1 ms of arithmetic, {}", reports::counted(c.resolution_of, "comparison"))
                         : c.workloads == 1 ? fmt::format("the one workload so far, {}", reports::counted(c.resolution_of, "comparison"))
                                            : fmt::format("the median of {} workloads", c.workloads);
  f.value = fmt::format("smallest difference resolved in {} s: {} ({} power; {})", times, effects, percent(kPower), of);
  f.cost.insert(f.cost.end(), {{"power", kPower}, {"alpha", kAlpha}, {"comparisons", c.resolution_of}, {"workloads", c.workloads}, {"dedicated", c.of_dedicated ? 1 : 0}});
  return f;
}

}  // namespace

std::optional<double> Resolution::smallest(double seconds) const {
  std::optional<double> least;
  for (int quads = 1; quads <= kMostQuads; ++quads) {
    const double fit = (seconds - fixed_s) / (start_s + quads * quad_s);
    if (!(fit >= kFewestRounds)) continue;
    const int rounds = static_cast<int>(std::min(fit, double{kMostRounds}));
    const double sd = std::sqrt(between + rest / quads);
    if (!(sd > 0)) continue;
    const auto effect = stats::smallest_detectable(sd, rounds, kAlpha, kPower);
    if (effect && (!least || *effect < *least)) least = effect;
  }
  return least ? std::optional(std::expm1(*least)) : std::nullopt;
}

Certificate certify(const std::vector<PooledControl>& controls) {
  Certificate c;
  std::set<std::string> runs, experiments;
  double squares = 0;
  for (const PooledControl& control : controls) {
    if (!control.elapsed) continue;  // the same blocks, seen by another clock
    if (control.kind == Role::slowed) {
      if (!control.planted) continue;
      ++c.planted;
      c.planted_covered += control.low <= *control.planted && *control.planted <= control.high;
      continue;
    }
    ++c.comparisons;
    c.alarms += control.p < kAlpha;
    squares += std::pow(z_of(control.p), 2);
    const std::string day = control.time.substr(0, 10);
    if (!day.empty() && (c.since.empty() || day < c.since)) c.since = day;
    if (control.experiment == kYardstickExperiment) {
      ++c.dedicated;
    } else {
      runs.insert(control.run);
      experiments.insert(control.experiment);
    }
  }
  c.runs = static_cast<int>(runs.size());
  c.experiments = static_cast<int>(experiments.size());
  c.rate = stats::clopper_pearson(c.alarms, c.comparisons, kConfidence);
  if (c.comparisons >= kFewestForSpread) {
    // Under their own errors z² has mean 1 and variance 2.
    const double mean = squares / c.comparisons;
    c.z_rms = std::sqrt(mean);
    c.z_differs = std::abs(mean - 1) > stats::normal_quantile(0.5 + kConfidence / 2) * std::sqrt(2.0 / c.comparisons);
  }
  resolve(controls, c);
  return c;
}

std::vector<Finding> findings_of(const Certificate& certificate) {
  if (certificate.comparisons == 0) {
    Finding f;
    f.name = "false alarms";
    f.status = Status::unavailable;
    f.value = "no run on this machine has compared a program with itself yet";
    f.advice = "assay doctor --aa (1 min), or any assay run";
    return {f};
  }
  std::vector<Finding> findings{false_alarms(certificate)};
  if (auto f = resolution(certificate)) findings.push_back(*std::move(f));
  return findings;
}

}  // namespace assay::cli
