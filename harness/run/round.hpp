// One round: every group's replicates alive at once, their blocks interleaved in the plan's order.
#pragma once

#include <functional>
#include <vector>

#include "harness/core/outcome.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

/// What is no longer started: per treatment and per peak.
struct Standing {
  std::vector<Ending> treatments;
  std::vector<Ending> peaks;
};

/// Runs `round` to its end, or until the session must stop; false if it did not complete. A treatment whose process
/// fails is entered in `standing`; one whose blocks were merely disturbed is tried again next round.
bool run_round(Session& session, const Calibration& calibration, const plan::RoundPlan& round, Standing& standing,
               const std::function<void()>& after_block = {});

}  // namespace assay::run
