// The supervisor: from a plan to a complete run folder, or to one that can be resumed.
//
//     RunRequest request{.plan = …, .results = "results", .machine = …};
//     Result<RunSummary> summary = run_experiment(request, trace, interrupt);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/rehearsal.hpp"
#include "harness/run/trace.hpp"

namespace assay::run {

struct RunRequest {
  plan::Plan plan;
  Machine machine;
  std::filesystem::path results;     // a new run lands in results/<experiment>/<run>/
  std::filesystem::path resume;      // or: go on with this run folder
  std::filesystem::path extend;      // or: a new run that adds rounds to this complete one
  std::optional<int> added_rounds;   // that it adds; without: the preset's, cut by its budget
  std::string published_text;        // the file that the experiment cites, frozen into the run folder
  Json published;                    // the same as data, or null
  Json assay;                        // what is known of this build
  std::vector<std::string> command_line;
  CalibrationSettings calibration;   // other than the defaults only for what Assay measures for itself
  std::string resume_with;           // what a person types before " --resume RUN"; empty: `assay run …` with the experiment
  bool machine_held = false;         // the caller has the machine's lock already, and keeps it
};

/// `own_failure` is false for what the person can mend in the experiment file (exit status 2), true for a failure of
/// Assay or the machine (exit status 4).
struct RunFailure {
  std::string message;
  bool own_failure = true;
};

struct RunSummary {
  std::filesystem::path folder;
  std::string stopped_by;            // rounds, precision, budget, interrupt, rehearsal
  double wall_s = 0;
  std::optional<RunFailure> failure; // the run stopped early: why, and how to go on
};

/// Whether this machine has what the plan's placement needs: a duet takes two physical cores. Both functions below ask.
Result<Done> check_placement(const plan::Plan& plan, const Machine& machine);

/// Measures. Holds the machine's lock meanwhile, unless the caller does. An Error means that nothing was started.
Result<RunSummary> run_experiment(const RunRequest& request, Trace& trace, const InterruptFlag& interrupt);

/// Only the rehearsal, without a run folder. `only` picks treatments; empty: all.
Result<Rehearsal> try_experiment(const plan::Plan& plan, const Machine& machine, const std::vector<int>& only, Trace& trace,
                                 const InterruptFlag& interrupt);

}  // namespace assay::run
