// Where `assay plan` learns how much rounds differ on this machine: from what was measured here before, or by
// measuring now.
#pragma once

#include <filesystem>
#include <optional>

#include "harness/plan/plan.hpp"
#include "harness/run/forecast.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/trace.hpp"

namespace assay::cli {

/// From the newest complete run of the same treatments and controls on this machine (its processors and CPUs) below
/// `results`; nullopt if there is none among the newest 20.
std::optional<run::Spread> spread_of_earlier_run(const plan::Plan& plan, const run::Machine& machine,
                                                 const std::filesystem::path& results);

/// From the negative controls of all workloads that ran on this machine, for an experiment that never did: the
/// deviation between rounds of a program against itself. nullopt without one.
std::optional<double> pooled_sd(const run::Machine& machine);

/// Measures `rounds` ≥ 2 rounds now, in a temporary folder that is removed, without planted slowdown, budget and
/// precision target. Takes the machine's lock.
Result<run::Spread> spread_of_pilot(const plan::Plan& plan, const run::Machine& machine, int rounds, run::Trace& trace,
                                    const run::InterruptFlag& interrupt);

}  // namespace assay::cli
