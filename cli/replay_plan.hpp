// A stored run's frozen experiment, made ready to run here: all of it, or the treatments that somebody names with
// what they are compared with.
//
//     const auto again = plan_replay(*stored, {.treatment = {"version=7_avx"}}, places);
//     if (!again) return complain(kUsage, again.error().message, json);
//     if (again->obstacle.empty()) measure(again->plan);
#pragma once

#include <string>
#include <vector>

#include "cli/places.hpp"
#include "cli/stored_run.hpp"
#include "harness/plan/plan.hpp"

namespace assay::cli {

struct ReplayWish {
  std::vector<std::string> treatment;  // factor=level words, all of which must match; empty: every treatment
  std::string preset;                  // empty: the stored run's
  std::string experiment;              // the file that the run was made of: where its commands run; empty: look for it
};

struct ReplayPlan {
  plan::Plan plan;                 // valid where there is no obstacle
  std::string obstacle;            // why nothing can be run here: no such suite, results that were imported
  std::vector<std::string> notes;  // for the person
};

/// The commands of an experiment outside a suite run from the folder of the nearest assay.toml at or above the
/// experiment file, this folder or the run, in this order; without one from the file's folder or from this one. An Error is
/// one of the person's or of the record: a treatment that isn't there, a file that has changed since, a gate.
Result<ReplayPlan> plan_replay(const StoredRun& stored, const ReplayWish& wish, const AllPlaces& places);

}  // namespace assay::cli
