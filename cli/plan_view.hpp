// A plan as the templates design.md and plan.md want it: what is varied, measured and held, and what a run would cost and find.
#pragma once

#include <string>

#include "harness/core/json.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/forecast.hpp"

namespace assay::cli {

/// `processes`: that a run starts; `source`: who says how much rounds differ, or empty.
Json plan_view(const plan::Plan& plan, const run::Rehearsal& rehearsal, const run::Calibration& calibration, const run::Forecast& forecast, int processes,
               const std::string& source);

}  // namespace assay::cli
