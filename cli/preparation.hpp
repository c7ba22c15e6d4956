// What try, plan and run do alike before anything starts: find the file, read it, make the plan, look at the machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/places.hpp"
#include "cli/verb.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/launch.hpp"

namespace assay::cli {

/// Loads EXPERIMENT and plans it with `preset`. `set`: "control=value" words that stand in for what the file says.
Result<plan::Plan> prepare_plan(const std::string& experiment, const std::string& preset, const AllPlaces& places, const std::vector<std::string>& set);

/// --set of a verb that prepares a plan.
void add_set_option(CLI::App& verb, std::vector<std::string>& set);

/// Topology, environment, clock and (if `probe`) what counters a worker gets here. Takes some milliseconds.
Result<run::Machine> look_at_machine(const AllPlaces& places, bool probe);

/// Indices of the treatments that "factor=level" words pick; all must match. An Error lists what there is.
Result<std::vector<int>> pick_treatments(const plan::Plan& plan, const std::vector<std::string>& words);

}  // namespace assay::cli
