// Which kernels OpenBLAS chooses on this processor, against the best that the processor can run. OpenBLAS knows
// processors by model number and falls back to its oldest kernels where it meets a new one: numpy and LibTorch are then
// a fifth as fast, and nothing says so.
//
// Asked of the matrix ladder's OpenBLAS worker, never of assay's own process: a missing library, or kernels that this
// processor can't run (SIGILL), are then an outcome. The gain is measured by a small experiment like any other, in
// interleaved rounds with a control, and read from its record.
#pragma once

#include <optional>
#include <string>

#include "cli/places.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/trace.hpp"

namespace assay::cli {

struct BlasKernels {
  std::string version;    // "0.3.21"; empty: there is no OpenBLAS, see `missing`
  std::string chosen;     // the kernels in use if nothing is done: "Prescott"
  std::string best;       // in use when the best for this processor are asked for: "SkylakeX"
  std::string asked_for;  // OPENBLAS_CORETYPE in assay's environment; empty: not set
  std::string missing;    // what isn't there, "libopenblas.so.0 is not installed"
  std::string remedy;     // of `missing`
  std::string failure;    // the chosen kernels don't work here: "crashed: killed by SIGILL"
  std::string unmeasured; // why there is no gain although the kernels differ

  struct Gain {  // time with the chosen kernels over time with the best
    double value = 1;
    double low = 1;
    double high = 1;
  };
  std::optional<Gain> gain;
};

/// Asks, and where the kernels differ (and `measure`) runs the experiment: some 6 s. The caller holds the machine's lock.
BlasKernels look_at_blas(const AllPlaces& places, const run::Machine& machine, bool measure, run::Trace& trace,
                         const run::InterruptFlag& interrupt);

}  // namespace assay::cli
