// The plan of a run, made again from its frozen experiment: what the manifest says was planned, and the order in which the journal's blocks stand,
// must follow from it.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/plan.hpp"
#include "harness/record/run_record.hpp"

namespace assay::reports::check {

/// Suites' programs aren't looked for: who did the work is the manifest's to say.
Result<plan::Plan> frozen_plan(const record::RunRecord& run);

/// "treatments: the manifest has 3, experiment.toml 4": where the manifest isn't what the experiment asks for.
std::vector<std::string> manifest_problems(const record::RunRecord& run, const plan::Plan& plan);

/// Where measured blocks don't stand where the seed puts them; at most a few, then how many more.
std::vector<std::string> schedule_problems(const record::RunRecord& run, const plan::Plan& plan);

}  // namespace assay::reports::check
