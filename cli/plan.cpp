// assay plan: what a run would do and cost. Rehearses every treatment, since nothing else tells what it takes here.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include "cli/filled.hpp"
#include "cli/places.hpp"
#include "cli/plan_view.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/plan_spread.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/core/units.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/command_line.hpp"
#include "harness/run/forecast.hpp"
#include "harness/run/supervisor.hpp"
#include "reports/into.hpp"

namespace assay::cli {

namespace {

constexpr int kPilotRounds = 5;

struct Options {
  std::string experiment;
  std::string preset = "quick";
  std::string out;
  std::string into;
  bool force = false;
  std::optional<std::string> pilot;  // what follows --pilot; "" if nothing does
  std::vector<std::string> set;
  std::vector<std::string> suites;
  bool json = false;
};

/// Processes that a run starts, and the most memory that one group's processes hold together.
struct Resources {
  int processes = 0;
  std::int64_t memory_bytes = 0;
};

Resources resources_of(const plan::Plan& plan, const run::Rehearsal& rehearsal, const run::Calibration& calibration) {
  Resources r;
  for (const plan::GroupRound& group : plan::round_plan(plan, 1, calibration.quads, calibration.single_pass).groups) {
    std::int64_t memory = 0;
    int processes = 0;
    const int executions = calibration.single_pass[static_cast<std::size_t>(group.group)] ? 1 : 2 * calibration.quads;
    for (const plan::Slot& slot : group.slots) {
      if (slot.role == Role::peak) {
        ++processes;
        continue;
      }
      const auto i = static_cast<std::size_t>(slot.treatment);
      if (!rehearsal.treatments[i].ending.ok() || (slot.role == Role::slowed && !calibration.can_be_slowed[i])) continue;
      const int command = plan.treatments[i].command;
      processes += command < 0 ? 1 : executions + plan.experiment.commands[static_cast<std::size_t>(command)].warmup;
      memory += rehearsal.treatments[i].resident_bytes;
    }
    r.processes += processes * calibration.rounds;
    r.memory_bytes = std::max(r.memory_bytes, memory);
  }
  return r;
}

/// Rounds of --pilot; nullopt without it.
Result<std::optional<int>> pilot_rounds(const Options& options) {
  if (!options.pilot) return std::optional<int>();
  if (options.pilot->empty()) return std::optional(kPilotRounds);
  int rounds = 0;
  const char* end = options.pilot->data() + options.pilot->size();
  const auto [stop, error] = std::from_chars(options.pilot->data(), end, rounds);
  if (error != std::errc() || stop != end || rounds < 2 || rounds > 1000) {
    return Error{fmt::format("--pilot {}: give a number of rounds from 2 to 1000, or none for {}; EXPERIMENT stands before it",
                             *options.pilot, kPilotRounds)};
  }
  return std::optional(rounds);
}

/// The first that is there: a pilot if asked for, an earlier run, the machine's pooled controls.
Result<std::optional<run::Spread>> find_spread(const Options& options, std::optional<int> pilot, const plan::Plan& plan,
                                               const run::Machine& machine) {
  if (pilot) {
    TerminalTrace trace;
    auto measured = spread_of_pilot(plan, machine, *pilot, trace, interrupted());
    if (!measured) return measured.error();
    return std::optional(*std::move(measured));
  }
  const auto results = options.out.empty() ? default_results() : Result<std::filesystem::path>(std::filesystem::absolute(options.out));
  if (!results) return results.error();
  if (auto earlier = spread_of_earlier_run(plan, machine, *results)) return earlier;
  if (const auto sd = pooled_sd(machine)) {
    return std::optional(run::Spread{.pairs = {}, .sd = sd, .source = "the controls of this machine's runs"});
  }
  return std::optional<run::Spread>();
}

OrderedJson or_null(const std::optional<double>& value) { return value ? OrderedJson(stored(*value)) : OrderedJson(); }

OrderedJson text_or_null(const std::string& text) { return text.empty() ? OrderedJson() : OrderedJson(text); }

/// Adds what the plan can show to the verb's document.
void add_forecast(const run::Forecast& f, const plan::Plan& plan, const std::optional<run::Spread>& spread, OrderedJson& document) {
  document["smallest_difference"] = or_null(f.smallest_difference);
  document["sd_between_rounds"] = or_null(f.sd);
  document["sd_source"] = spread ? OrderedJson(spread->source) : OrderedJson();
  document["power"] = f.power;
  document["alpha"] = f.alpha;
  document["comparisons"] = f.comparisons;
  document["reason"] = text_or_null(f.reason);
  document["pairs"] = OrderedJson::array();
  for (const run::PairForecast& pair : f.pairs) {
    document["pairs"].push_back({{"of", to_json(plan.treatments[static_cast<std::size_t>(pair.of)].treatment)},
                                 {"to", to_json(plan.treatments[static_cast<std::size_t>(pair.to)].treatment)},
                                 {"sd_between_rounds", or_null(pair.sd)},
                                 {"smallest_difference", or_null(pair.smallest_difference)}});
  }
  document["precision"] = nullptr;
  if (!f.precision) return;
  const auto& p = *f.precision;
  document["precision"] = {{"target", *plan.preset.precision_target},
                           {"quads", p.quads},
                           {"rounds", p.rounds},
                           {"rounds_low", p.low},
                           {"rounds_high", p.high},
                           {"minutes", stored(p.minutes)},
                           {"minutes_low", stored(p.minutes_low)},
                           {"minutes_high", stored(p.minutes_high)},
                           {"over_budget", p.over_budget}};
}

std::string percent(double share) { return significant(100 * share, 2) + " %"; }

/// The same for people.
std::string forecast_text(const run::Forecast& f, const plan::Plan& plan, const std::optional<run::Spread>& spread, int pilot) {
  std::string text;
  if (f.sd) text += fmt::format("sd between rounds {}{}, from {}\n", percent(*f.sd), f.pairs.size() > 1 ? " at most" : "", spread->source);
  if (f.smallest_difference) {
    text += fmt::format("smallest difference that it finds: {} (in 4 of 5 runs, at 5 % two-sided{})\n", percent(*f.smallest_difference),
                        f.comparisons > 1 ? fmt::format(" shared by {} comparisons", f.comparisons) : "");
  } else if (f.comparisons > 0 && !spread) {
    text += fmt::format("smallest difference that it finds: unknown: {}; `assay plan {} --preset {} --pilot` measures it\n", f.reason,
                        run::experiment_word(plan.experiment), plan.preset.name);
  } else {
    text += fmt::format("smallest difference that it finds: unknown: {}\n", f.reason);
  }
  if (f.precision) {
    const auto& p = *f.precision;
    text += fmt::format("for ±{}: about {} rounds, {}, of {} quad{} after a pilot of {}; pilots scatter, 9 of 10 will ask for {} to {} rounds, "
                        "{} to {}\n",
                        percent(*plan.preset.precision_target), p.rounds, duration_text(60 * p.minutes), p.quads, p.quads == 1 ? "" : "s",
                        pilot, p.low, p.high, duration_text(60 * p.minutes_low), duration_text(60 * p.minutes_high));
    if (p.over_budget) {
      text += fmt::format("warning: that is more than the budget of {}: the run will stop before it\n", duration_text(*plan.preset.budget_s));
    }
  } else if (plan.preset.precision_target) {
    text += fmt::format("for ±{}: its rounds follow from the pilot\n", percent(*plan.preset.precision_target));
  }
  return text;
}

int plan_verb(const Options& options) {
  const auto pilot = pilot_rounds(options);
  if (!pilot) return complain(kUsage, pilot.error().message, options.json);
  const AllPlaces places = find_places(options.suites);
  const auto plan = prepare_plan(options.experiment, options.preset, places, options.set);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  const auto machine = look_at_machine(places, false);
  if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
  if (const auto possible = run::check_placement(*plan, *machine); !possible) return complain(kUsage, possible.error().message, options.json);
  Result<run::Rehearsal> rehearsal = Error{};
  {
    TerminalTrace trace;
    rehearsal = run::try_experiment(*plan, *machine, {}, trace, interrupted());
  }
  if (!rehearsal) return complain(kOwnFailure, rehearsal.error().message, options.json);
  if (interrupted()) return complain(kOwnFailure, "interrupted", options.json);
  if (rehearsal->all_failed()) return complain(kFailed, "every treatment failed in the rehearsal; see above", options.json);

  const run::Calibration calibration = run::calibrate(*plan, *rehearsal);
  const Resources resources = resources_of(*plan, *rehearsal, calibration);
  const auto spread = find_spread(options, *pilot, *plan, *machine);
  if (!spread) return complain(kOwnFailure, spread.error().message, options.json);
  const run::Forecast expected = run::forecast(*plan, calibration, run::round_costs(*plan, *rehearsal, calibration), *spread);
  OrderedJson order = OrderedJson::array();
  for (const plan::Group& group : plan->groups) {
    OrderedJson members = OrderedJson::array();
    for (const int m : group.members) members.push_back(to_json(plan->treatments[static_cast<std::size_t>(m)].treatment));
    order.push_back(members);
  }
  if (!options.into.empty()) {
    const reports::PlannedExperiment planned{plan->experiment.name, options.experiment, plan->preset.name,
                                             plan_view(*plan, *rehearsal, calibration, expected, resources.processes, *spread ? (*spread)->source : "")};
    const auto into = reports::plan_into(options.into, planned, places.templates, options.force);
    if (!into) return complain(kUsage, into.error().message, options.json);
    if (options.json) {
      print(into_json(options.into, *into));
    } else {
      tell_blocks(options.into, *into);
    }
    return kDone;
  }
  if (options.json) {
    OrderedJson treatments = OrderedJson::array();
    for (std::size_t i = 0; i < plan->treatments.size(); ++i) {
      treatments.push_back({{"treatment", to_json(plan->treatments[i].treatment)},
                            {"outcome", name_of(rehearsal->treatments[i].ending.outcome)},
                            {"iteration_s", stored(rehearsal->treatments[i].iteration_s)},
                            {"iterations", calibration.treatments[i].iterations}});
    }
    OrderedJson document{{"experiment", plan->experiment.name},
           {"preset", plan->preset.name},
           {"treatments", treatments},
           {"groups", order},
           {"rounds", calibration.rounds},
           {"quads", calibration.quads},
           {"single_pass", calibration.single_pass},
           {"processes", resources.processes},
           {"memory_bytes", resources.memory_bytes},
           {"minutes", stored(calibration.estimated_s / 60)},
           {"stopped_by", calibration.stopped_by},
           {"warnings", calibration.warnings}};
    add_forecast(expected, *plan, *spread, document);
    print(document);
    return kDone;
  }
  std::cout << fmt::format("{}, preset {}: {} treatments in {} group{}\n", plan->experiment.name, plan->preset.name,
                           plan->treatments.size(), plan->groups.size(), plan->groups.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < plan->treatments.size(); ++i) {
    const run::TreatmentCost& cost = rehearsal->treatments[i];
    std::cout << fmt::format("  {}: ", plan->treatments[i].treatment.label());
    if (!cost.ending.ok()) {
      std::cout << fmt::format("{}: {}\n", name_of(cost.ending.outcome), cost.ending.reason);
    } else {
      std::cout << fmt::format("{} an iteration, {} a block\n", with_unit(cost.iteration_s, "s"), calibration.treatments[i].iterations);
    }
  }
  // What a command's process will hold isn't known before it has ended.
  const std::string memory =
      resources.memory_bytes > 0 ? fmt::format(", at most {} at once", with_unit(static_cast<double>(resources.memory_bytes), "B")) : "";
  std::cout << fmt::format("{} rounds of {}, {} processes{}, about {}\n", calibration.rounds, round_text(calibration),
                           resources.processes, memory, duration_text(calibration.estimated_s));
  std::cout << forecast_text(expected, *plan, *spread, calibration.rounds);
  for (const std::string& warning : calibration.warnings) std::cout << "warning: " << warning << '\n';
  return kDone;
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("plan", "What a run would do, cost and find: cells, processes, memory, minutes, smallest difference");
  verb->add_option("experiment", options->experiment, "A name that `assay list` prints, or a path")->required();
  verb->add_option("--preset", options->preset, "Preset of the experiment");
  add_set_option(*verb, options->set);
  verb->add_option("--pilot", options->pilot, "Measures a few rounds now to learn how much they differ (ROUNDS, 5 without a number); keeps no run folder")
      ->expected(0, 1)
      ->type_name("[ROUNDS]");
  verb->add_option("--out", options->out, "Folder that stands in for results/ when earlier runs are looked for");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  CLI::Option* into = verb->add_option("--into", options->into, "Fills the blocks of kind plan and design in this Markdown file instead");
  verb->add_flag("--force", options->force, "With --into: overwrites blocks that were edited by hand, too")->needs(into);
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay plan matmul-ladder --preset paper\n         assay plan matmul-ladder/smoke --pilot\n         assay plan experiments/precision.toml --into proposal.md");
  verb->callback([&action, options] { action = [options] { return plan_verb(*options); }; });
}

}  // namespace assay::cli
