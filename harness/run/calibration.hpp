// How long and how many: iterations a block, blocks a round, rounds. Decided once, after the rehearsal and before
// the first block, from what each treatment costs; a pure function, so that the decision can be tested and explained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/plan/plan.hpp"
#include "harness/run/rehearsal.hpp"

namespace assay::run {

/// Fixed by METHODOLOGY; a preset sets the length of a block and of its settling.
struct CalibrationSettings {
  double longest_block_s = 0.020;    // up to which a baseline's block may grow so that 2 % can be planted
  double long_iteration_s = 0.1;     // from here on only a process's first block settles
  double single_pass_s = 30;         // from here on one iteration is all that a process does
  double round_s = 1.0;              // wanted measuring time of a group's round
  int most_quads = 40;
  int fewest_rounds = 5;
  double warmup_s = 0.02;            // of a fresh process, if its worker asks for no more
  bool long_block = true;            // each process ends with the uninterrupted block that checks carry-over
  double tail_s = 1;                 // least length of a block that energy registers, which tick every millisecond, can tell
};

struct SlotPlan {
  std::int64_t iterations = 1;
  std::int64_t settle_ns = 0;
  std::int64_t warmup_ns = 0;
  std::int64_t long_iterations = 0;  // of the one uninterrupted block that checks carry-over; 0: none
  std::int64_t tail_iterations = 0;  // of the one uninterrupted block of the tail phase; 0: none
};

struct Calibration {
  int rounds = 0;
  int quads = 1;
  std::vector<bool> single_pass;     // by group: every process has one place in a round, not two a quad
  std::vector<SlotPlan> treatments;  // as in the plan
  std::vector<SlotPlan> peaks;       // as in the plan
  /// Extra iterations per counted ones of a slowed baseline: executed = iterations + iterations / 50.
  std::optional<double> planted;     // 1.02 if some group can have it
  std::vector<bool> can_be_slowed;   // per treatment
  std::string planted_reason;        // why not, if not
  std::string stopped_by = "rounds"; // or "budget"
  double estimated_s = 0;            // of the whole run, without the rehearsal
  std::vector<std::string> warnings;
};

Calibration calibrate(const plan::Plan& plan, const Rehearsal& rehearsal, const CalibrationSettings& settings = {});

/// What a round is made of, for people: "one quad", "12 quads", "a single pass".
std::string round_text(const Calibration& calibration);

/// Seconds that one round takes with `quads` quads.
double round_seconds(const plan::Plan& plan, const Rehearsal& rehearsal, const Calibration& calibration, int quads);

Json to_json(const Calibration& calibration, const plan::Plan& plan);
/// Of a journal's calibration line, for a resumed run.
Result<Calibration> calibration_from_json(const Json& line, const plan::Plan& plan);

}  // namespace assay::run
