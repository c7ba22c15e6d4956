// When a run may be gone on with, and what a run that extends another takes along. A run goes on under the conditions
// that it began under, or not at all: other times don't belong into one sample.
#pragma once

#include <filesystem>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"
#include "harness/plan/plan.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/launch.hpp"

namespace assay::run {

/// What the command line asks for now.
struct Conditions {
  const plan::Plan& plan;
  const Machine& machine;
  const Json& assay;  // this build, as in the manifest
};

/// --resume: the same file, preset, boot, CPUs and binary, and not complete. The Error says which isn't, and the remedy.
Result<Done> may_resume(const record::RunRecord& run, const Conditions& now);

/// --extend: the same, but complete; and not planned by a precision target, whose interval rests on its pilot alone
/// and has the width that was asked for: rounds that are added after a look are no part of Stein's two stages.
Result<Done> may_extend(const record::RunRecord& run, const Conditions& now);

/// Copies what a reader needs of `earlier` below `folder`: its journal and those that it extends, predictions. Returns
/// the manifest's `extends`. `rounds`: that it has.
Result<OrderedJson> copy_earlier(const record::RunRecord& earlier, int rounds, const std::filesystem::path& folder);

}  // namespace assay::run
