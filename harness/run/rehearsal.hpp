// The rehearsal: every treatment once, before anything is measured. A mistake in the tenth treatment is found in
// the first minute; what each costs decides blocks, rounds and minutes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/run/session.hpp"

namespace assay::run {

/// What a treatment costs, s; `ending` is what its cells carry if it failed.
struct TreatmentCost {
  Ending ending;
  double start_s = 0;       // from spawn to prepared; of a command what an execution costs beside itself
  double iteration_s = 0;   // of one iteration, warmed up; a command: one execution
  double warmup_s = 0;      // that a fresh process needs
  double check_s = 0;       // check and evaluate
  std::int64_t resident_bytes = 0;
  bool counts_time = true;  // false: its clock counts instructions or cycles
  bool counts_energy = false;
  std::string timed;        // name of the metric that its blocks' `elapsed` measures; empty: of a command
};

struct Rehearsal {
  std::vector<TreatmentCost> treatments;  // as in the plan
  std::vector<TreatmentCost> peaks;       // likewise; empty if the session had to stop before
  bool all_failed() const;                // neither ok nor merely unsupported anywhere
  bool none_usable() const;
};

/// Runs it, journalled as round 0. Stops early (with what it has) when the session must stop. `only` picks treatments
/// (assay try --treatment); empty: all.
Rehearsal rehearse(Session& session, const std::vector<int>& only = {});

}  // namespace assay::run
