#include "harness/run/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "harness/core/statistic.hpp"
#include "harness/core/units.hpp"
#include "harness/stats/second_stage.hpp"

namespace assay::run {

namespace {

constexpr int kSmallestPilot = 7;          // Stein's first stage
constexpr std::int64_t kPlantedStep = 50;  // one more for every fifty is 2 %
constexpr double kAlike = 1.25;            // sides whose iterations differ by at most this settle for equally many
constexpr double kFewIterations = 10;      // below which one more or less of them is a different settling
constexpr double kLimitShare = 0.5;        // of the time limit that a planned block may take: a slow machine mustn't break it

std::int64_t iterations_for(double wanted_s, double iteration_s) {
  if (!(iteration_s > 0)) return 1;
  return std::max<std::int64_t>(1, std::llround(std::min(1e12, wanted_s / iteration_s)));
}

std::int64_t nanoseconds(double s) { return static_cast<std::int64_t>(s * 1e9); }

SlotPlan plan_slot(const TreatmentCost& cost, const plan::Preset& preset, const CalibrationSettings& s, bool command) {
  SlotPlan slot;
  if (command) return slot;
  const bool is_long = cost.iteration_s > s.long_iteration_s;
  slot.iterations = iterations_for(preset.block_s, cost.iteration_s);
  slot.settle_ns = is_long ? 0 : nanoseconds(preset.settle_s);
  slot.warmup_ns = static_cast<std::int64_t>(std::max(is_long ? 0.0 : s.warmup_s, cost.warmup_s) * 1e9);
  if (!is_long && s.long_block) slot.long_iterations = iterations_for(10 * preset.block_s, cost.iteration_s);
  return slot;
}

/// Settling goes on until a time is over, so of two sides with iterations of 0.99 and 1.01 ms one would settle for a second
/// iteration and the other wouldn't, which alone makes them differ. Where few iterations settle, sides that are compared
/// and nearly alike get the same number, by a time that ends in the middle of the last.
void settle_alike(std::vector<SlotPlan>& slots, const plan::Plan& plan, const std::vector<TreatmentCost>& costs) {
  const double settle_s = plan.preset.settle_s;
  std::vector<double> wanted(slots.size(), 0);  // iterations; 0: by time
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const double iterations = slots[i].settle_ns > 0 && costs[i].iteration_s > 0 ? std::ceil(settle_s / costs[i].iteration_s) : 0;
    if (iterations < kFewIterations) wanted[i] = iterations;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const plan::Pair& pair : plan.pairs) {
      const auto a = static_cast<std::size_t>(pair.of), b = static_cast<std::size_t>(pair.to);
      const double ratio = costs[a].iteration_s / costs[b].iteration_s;
      if (wanted[a] == wanted[b] || wanted[a] == 0 || wanted[b] == 0 || !(ratio <= kAlike && ratio >= 1 / kAlike)) continue;
      wanted[a] = wanted[b] = std::max(wanted[a], wanted[b]);
      changed = true;
    }
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (wanted[i] > 0) slots[i].settle_ns = nanoseconds((wanted[i] - 0.5) * costs[i].iteration_s);
  }
}

/// The tail phase serves energy registers and percentiles. Where a block is as long as a tail's anyway, its own energy is as
/// good. A limit that would end it is the user's wish.
void plan_tail(SlotPlan& slot, const TreatmentCost& cost, const std::vector<double>& percentiles, const plan::Limits& limits,
               const CalibrationSettings& s) {
  const bool is_short = static_cast<double>(slot.iterations) * cost.iteration_s < s.tail_s;
  if (cost.counts_energy && is_short && limits.block_s >= 3 * s.tail_s) {
    slot.tail_iterations = iterations_for(1.1 * s.tail_s, cost.iteration_s);
  }
  const std::int64_t most = std::min(kMostSamples, iterations_for(kLimitShare * limits.block_s, cost.iteration_s));
  std::int64_t needed = 0;  // by the percentiles that can be had
  for (const double p : percentiles) {
    if (samples_needed(p) <= most) {
      needed = std::max(needed, samples_needed(p));
    } else {
      slot.most_samples = most;
    }
  }
  if (needed == 0) return;
  slot.tail_samples = true;
  slot.tail_iterations = std::clamp(iterations_for(1.1 * s.tail_s, cost.iteration_s), needed, most);
}

/// Makes a baseline's block a multiple of fifty iterations, if that keeps it short enough.
bool make_room_for_two_percent(SlotPlan& slot, const TreatmentCost& cost, const CalibrationSettings& s) {
  const std::int64_t wanted = (slot.iterations + kPlantedStep - 1) / kPlantedStep * kPlantedStep;
  if (static_cast<double>(wanted) * cost.iteration_s > s.longest_block_s) return false;
  slot.iterations = wanted;
  return true;
}

/// What a process costs beside its timed blocks: start, warm-up, checks.
double own_seconds(const TreatmentCost& cost, const SlotPlan& slot, int places, bool command) {
  if (command) return 0;
  const double warm_s = places == 1 && slot.warmup_ns == 0 ? 0 : static_cast<double>(slot.warmup_ns) * 1e-9 + cost.iteration_s;
  return cost.start_s + warm_s + cost.check_s;
}

/// Its blocks with their settling, and the long one. `places`: how many blocks a round has for this process;
/// of a command how many executions, warm-up among them.
double block_seconds(const TreatmentCost& cost, const SlotPlan& slot, int places, bool command) {
  const double block_s = static_cast<double>(slot.iterations) * cost.iteration_s;
  if (command) return places * (block_s + cost.start_s);
  const double least_s = static_cast<double>(slot.settle_ns) * 1e-9;
  const double whole_s = std::ceil(least_s / std::max(cost.iteration_s, 1e-9)) * cost.iteration_s;  // a block settles for whole iterations
  const double long_s = static_cast<double>(slot.long_iterations) * cost.iteration_s;
  return long_s + places * (block_s + std::max(least_s, whole_s));
}

/// Of iterations this long a second one a process would buy less than another process does.
bool is_single_pass(const plan::Group& group, const Rehearsal& rehearsal, const CalibrationSettings& s) {
  const auto is_slow = [&](const TreatmentCost& cost) { return cost.ending.ok() && cost.iteration_s > s.single_pass_s; };
  return std::any_of(group.members.begin(), group.members.end(),
                     [&](int member) { return is_slow(rehearsal.treatments[static_cast<std::size_t>(member)]); });
}

}  // namespace

double round_seconds(const plan::Plan& plan, const Rehearsal& rehearsal, const Calibration& calibration, int quads) {
  const bool command = plan.experiment.has_commands();
  const bool duet = plan.experiment.placement == plan::Placement::duet;
  double sum = 0;
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const plan::Group& group = plan.groups[g];
    const int places = calibration.single_pass[g] ? 1 : 2 * quads;
    double longest = 0, all = 0;  // of what a duet's two processes do at once
    const auto add = [&](const TreatmentCost& cost, const SlotPlan& slot, int blocks_of_it, double copies, double tailed) {
      sum += copies * own_seconds(cost, slot, blocks_of_it, command);
      const double blocks = block_seconds(cost, slot, blocks_of_it, command);
      const double tail = static_cast<double>(slot.tail_iterations) * cost.iteration_s;
      all += copies * blocks + tailed * tail;
      longest = std::max(longest, blocks + tail);
    };
    for (const int member : group.members) {
      const auto i = static_cast<std::size_t>(member);
      if (!rehearsal.treatments[i].ending.ok()) continue;
      const int warmups = command ? plan.experiment.commands[static_cast<std::size_t>(plan.treatments[i].command)].warmup : 0;
      const bool copied = duet ? group.is_control : member == group.baseline;
      const bool slowed = calibration.planted && calibration.can_be_slowed[i];
      add(rehearsal.treatments[i], calibration.treatments[i], places + warmups, copied ? (slowed && !duet ? 3 : 2) : 1, copied ? 2 : 1);
    }
    for (std::size_t p = 0; p < rehearsal.peaks.size(); ++p) {
      if (rehearsal.peaks[p].ending.ok()) add(rehearsal.peaks[p], calibration.peaks[p], places, 1, 0);
    }
    sum += duet ? longest : all;
  }
  return sum;
}

stats::Costs round_costs(const plan::Plan& plan, const Rehearsal& rehearsal, const Calibration& calibration) {
  const double one = round_seconds(plan, rehearsal, calibration, 1);
  const double quad_s = std::max(0.0, round_seconds(plan, rehearsal, calibration, 2) - one);
  return {.start_s = std::max(0.0, one - quad_s), .block_s = quad_s};
}

std::string round_text(const Calibration& c) {
  if (!c.single_pass.empty() && std::all_of(c.single_pass.begin(), c.single_pass.end(), std::identity{})) return "a single pass";
  return c.quads == 1 ? "one quad" : fmt::format("{} quads", c.quads);
}

Calibration calibrate(const plan::Plan& plan, const Rehearsal& rehearsal, const CalibrationSettings& s) {
  const bool command = plan.experiment.has_commands();
  Calibration c;
  c.rounds = plan.preset.precision_target ? std::max(kSmallestPilot, plan.preset.rounds) : plan.preset.rounds;
  for (const TreatmentCost& cost : rehearsal.treatments) c.treatments.push_back(plan_slot(cost, plan.preset, s, command));
  settle_alike(c.treatments, plan, rehearsal.treatments);
  for (const plan::Group& group : plan.groups) c.single_pass.push_back(is_single_pass(group, rehearsal, s));
  c.can_be_slowed.assign(plan.treatments.size(), false);
  for (const TreatmentCost& cost : rehearsal.peaks) c.peaks.push_back(plan_slot(cost, plan.preset, s, false));
  for (std::size_t i = 0; i < c.treatments.size(); ++i) {
    const TreatmentCost& cost = rehearsal.treatments[i];
    if (!cost.ending.ok() || command) continue;
    plan_tail(c.treatments[i], cost, plan.experiment.percentiles_of(cost.timed), plan.experiment.limits, s);
    if (c.treatments[i].most_samples == 0) continue;
    c.warnings.push_back(fmt::format(
        "{}: {} an iteration leaves room for {} samples a process in half of block_s = {}, too few for every percentile that is "
        "asked for; raise block_s in [limits]",
        plan.treatments[i].treatment.label(), with_unit(cost.iteration_s, "s"), c.treatments[i].most_samples,
        duration_text(plan.experiment.limits.block_s)));
  }

  if (!plan.preset.slowed_control) {
    c.planted_reason = fmt::format("not asked for by preset {}", plan.preset.name);
  } else if (command) {
    c.planted_reason = "a process is the replicate: no share of it can be repeated";
  } else {
    for (const plan::Group& group : plan.groups) {
      const auto i = static_cast<std::size_t>(group.baseline);
      const TreatmentCost& cost = rehearsal.treatments[i];
      if (!cost.ending.ok()) continue;
      if (c.can_be_slowed[i] || make_room_for_two_percent(c.treatments[i], cost, s)) {
        c.can_be_slowed[i] = true;
        c.planted = 1.0 + 1.0 / kPlantedStep;
      } else {
        c.planted_reason = fmt::format("an iteration of the baseline takes {}: {} of them don't fit in a block",
                                       with_unit(cost.iteration_s, "s"), kPlantedStep);
      }
    }
    if (c.planted) c.planted_reason.clear();
  }

  // As many quads as fill a round's wanted measuring time; a command's round is one quad (METHODOLOGY).
  const double one = round_seconds(plan, rehearsal, c, 1);
  const double quad_s = round_seconds(plan, rehearsal, c, 2) - one;
  const double groups = static_cast<double>(std::max<std::size_t>(1, plan.groups.size()));
  if (!command && quad_s > 0) {
    c.quads = static_cast<int>(std::clamp(std::ceil(s.round_s * groups / quad_s), 1.0, static_cast<double>(s.most_quads)));
    if (plan.preset.precision_target) c.quads = stats::pilot_quads({.start_s = one - quad_s, .block_s = quad_s}, c.quads);
  }
  if (plan.preset.min_s) {
    const double round_s = round_seconds(plan, rehearsal, c, c.quads);
    const double wanted = round_s > 0 ? std::ceil(*plan.preset.min_s / round_s) : 0;
    c.rounds = static_cast<int>(std::clamp(wanted, static_cast<double>(c.rounds), static_cast<double>(std::max(c.rounds, s.most_rounds))));
  }
  if (plan.preset.budget_s) {
    const double budget = *plan.preset.budget_s;
    const auto total = [&] { return c.rounds * round_seconds(plan, rehearsal, c, c.quads); };
    if (total() > budget && quad_s > 0) {
      const double room = budget / c.rounds - (one - quad_s);
      c.quads = static_cast<int>(std::clamp(room / quad_s, 1.0, static_cast<double>(c.quads)));
      c.stopped_by = "budget";
    }
    if (total() > budget) {
      const int least = std::min(plan.preset.precision_target ? kSmallestPilot : s.fewest_rounds, c.rounds);
      const double fit = budget / round_seconds(plan, rehearsal, c, c.quads);
      c.rounds = static_cast<int>(std::clamp(fit, static_cast<double>(least), static_cast<double>(c.rounds)));
      c.stopped_by = "budget";
    }
    if (total() > 1.02 * budget) {
      c.warnings.push_back(fmt::format("the plan takes about {}, more than its budget of {}: {} rounds of {} are the least that is measured",
                                       duration_text(total()), duration_text(budget), c.rounds, round_text(c)));
    }
  }
  c.estimated_s = c.rounds * round_seconds(plan, rehearsal, c, c.quads);
  return c;
}

Json to_json(const Calibration& c, const plan::Plan& plan) {
  Json iterations = Json::object();
  Json settle = Json::object();
  Json warmup = Json::object();
  Json longs = Json::object();
  Json tails = Json::object();
  Json sampled = Json::array();
  Json most_samples = Json::object();
  Json slowed = Json::array();
  Json single_pass = Json::array();
  const auto add = [&](const std::string& id, const SlotPlan& slot) {
    iterations[id] = slot.iterations;
    settle[id] = slot.settle_ns;
    warmup[id] = slot.warmup_ns;
    longs[id] = slot.long_iterations;
    tails[id] = slot.tail_iterations;
    if (slot.tail_samples) sampled.push_back(id);
    if (slot.most_samples > 0) most_samples[id] = slot.most_samples;
  };
  for (std::size_t i = 0; i < plan.treatments.size(); ++i) {
    add(plan.treatments[i].id, c.treatments[i]);
    if (c.can_be_slowed[i]) slowed.push_back(plan.treatments[i].id);
  }
  for (std::size_t p = 0; p < c.peaks.size(); ++p) add(plan.peaks[p].id(), c.peaks[p]);
  for (std::size_t g = 0; g < c.single_pass.size(); ++g) {
    if (c.single_pass[g]) single_pass.push_back(g);
  }
  return {{"type", "calibration"},
          {"rounds", c.rounds},
          {"quads", c.quads},
          {"single_pass", single_pass},
          {"iterations", iterations},
          {"settle_ns", settle},
          {"warmup_ns", warmup},
          {"long_iterations", longs},
          {"tail_iterations", tails},
          {"tail_samples", sampled},
          {"most_samples", most_samples},
          {"planted", c.planted ? Json(*c.planted) : Json()},
          {"planted_reason", c.planted_reason.empty() ? Json() : Json(c.planted_reason)},
          {"slowed", slowed},
          {"stopped_by", c.stopped_by},
          {"minutes", c.estimated_s / 60},
          {"warnings", c.warnings}};
}

Result<Calibration> calibration_from_json(const Json& line, const plan::Plan& plan) {
  try {
    Calibration c;
    c.rounds = line.at("rounds");
    c.quads = line.at("quads");
    const auto lists = [&](const char* key, const std::string& id) {
      const auto& ids = line.at(key);
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    const auto read = [&](const std::string& id) {
      return SlotPlan{line.at("iterations").at(id),
                      line.at("settle_ns").at(id),
                      line.at("warmup_ns").at(id),
                      line.at("long_iterations").at(id),
                      line.at("tail_iterations").at(id),
                      lists("tail_samples", id),
                      line.at("most_samples").value(id, std::int64_t{0})};
    };
    for (const auto& treatment : plan.treatments) {
      c.treatments.push_back(read(treatment.id));
      c.can_be_slowed.push_back(lists("slowed", treatment.id));
    }
    for (const Treatment& peak : plan.peaks) c.peaks.push_back(read(peak.id()));
    c.single_pass.assign(plan.groups.size(), false);
    for (const auto& g : line.at("single_pass")) c.single_pass.at(g.get<std::size_t>()) = true;
    if (line.at("planted").is_number()) c.planted = line.at("planted").get<double>();
    if (line.at("planted_reason").is_string()) c.planted_reason = line.at("planted_reason");
    c.stopped_by = line.at("stopped_by");
    c.estimated_s = line.at("minutes").get<double>() * 60;
    return c;
  } catch (const std::exception&) {  // of JSON, or of a group that isn't planned
    return Error{"the run's calibration doesn't belong to this experiment file; start a new run"};
  }
}

}  // namespace assay::run
