// How an attempt ended: a closed list, each but `ok` with a reason that a person can act on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class Outcome {
  ok,
  unsupported,     // this machine or build can't do it
  wrong_answer,    // it ran; its answer is outside the tolerance
  timed_out,       // killed at a limit of time
  crashed,         // a signal, or an exit that nobody asked for
  out_of_memory,   // killed at the limit of memory
  invalid_output,  // what it said can't be used: not JSON, NaN, not for this request, longer than the bracket
  overloaded,      // it could not keep up with the load that was asked for
};

std::string_view name_of(Outcome outcome);
std::optional<Outcome> outcome_named(std::string_view name);

/// An outcome and why. `reason` is empty exactly where `outcome` is ok.
struct Ending {
  Outcome outcome = Outcome::ok;
  std::string reason;

  bool ok() const { return outcome == Outcome::ok; }
};

}  // namespace assay
