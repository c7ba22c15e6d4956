// One round: every group's replicates alive at once, their blocks interleaved in the plan's order.
#pragma once

#include <functional>
#include <vector>

#include "harness/core/outcome.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/calibration.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

/// How the reason ends of a replicate that other work on the machine spoilt: its treatment is tried again next round.
inline constexpr const char* kDisturbedReason = "blocks had time stolen by other work on the machine";

/// What is no longer started: per treatment, and the peak.
struct Standing {
  std::vector<Ending> treatments;
  Ending peak;
};

/// Runs `round` to its end, or until the session must stop; false if it did not complete. A treatment whose process
/// fails is entered in `standing`; one whose blocks were merely disturbed is tried again next round.
bool run_round(Session& session, const Calibration& calibration, const plan::RoundPlan& round, Standing& standing,
               const std::function<void()>& after_block = {});

}  // namespace assay::run
