// assay plan: what a run would do and cost. Rehearses every treatment, since nothing else tells what it takes here.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/core/units.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/supervisor.hpp"

namespace assay::cli {

namespace {

struct Options {
  std::string experiment;
  std::string preset = "quick";
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

int plan_verb(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const auto plan = prepare_plan(options.experiment, options.preset, places);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  const auto machine = look_at_machine(places, false);
  if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
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
  OrderedJson order = OrderedJson::array();
  for (const plan::Group& group : plan->groups) {
    OrderedJson members = OrderedJson::array();
    for (const int m : group.members) members.push_back(to_json(plan->treatments[static_cast<std::size_t>(m)].treatment));
    order.push_back(members);
  }
  if (options.json) {
    OrderedJson treatments = OrderedJson::array();
    for (std::size_t i = 0; i < plan->treatments.size(); ++i) {
      treatments.push_back({{"treatment", to_json(plan->treatments[i].treatment)},
                            {"outcome", name_of(rehearsal->treatments[i].ending.outcome)},
                            {"iteration_s", stored(rehearsal->treatments[i].iteration_s)},
                            {"iterations", calibration.treatments[i].iterations}});
    }
    print({{"experiment", plan->experiment.name},
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
           {"warnings", calibration.warnings}});
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
  for (const std::string& warning : calibration.warnings) std::cout << "warning: " << warning << '\n';
  return kDone;
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("plan", "What a run would do and cost: cells, processes, memory, minutes");
  verb->add_option("experiment", options->experiment, "A name that `assay list` prints, or a path")->required();
  verb->add_option("--preset", options->preset, "Preset of the experiment");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay plan matmul-ladder --preset paper");
  verb->callback([&action, options] { action = [options] { return plan_verb(*options); }; });
}

}  // namespace assay::cli
