// The words of a round: what a replicate is there for, in which phase a block ran, and what was noticed about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

enum class Role {
  plain,   // a treatment of the plan
  same,    // a second copy of the baseline: the negative control
  slowed,  // a copy of the baseline slowed by a known 2 %: the positive control
  peak,    // the machine's own ceiling, measured in the same rounds
};

enum class Phase { rehearsal, warmup, measure, tail, control, simulated };

/// Bits of a block's marks. A marked block is recorded; whether it is estimated is fixed by rule (METHODOLOGY).
enum Mark : std::uint8_t {
  kDisturbed = 1,  // an idle worker used more than 0.5 % of the block
  kStolen = 2,     // unexplained time, or less CPU time than this work takes: repeated, not estimated
  kAbandoned = 4,  // of a round that was interrupted: kept, not estimated
};

std::string_view name_of(Role);
std::string_view name_of(Phase);
std::string_view name_of(Mark);
std::optional<Role> role_named(std::string_view);
std::optional<Phase> phase_named(std::string_view);
std::optional<Mark> mark_named(std::string_view);

}  // namespace assay
