// The machine sheet between runs: measured once a day and boot, kept in the user's state folder, copied into every run.
#pragma once

#include "harness/core/json.hpp"
#include "harness/run/launch.hpp"

namespace assay::cli {

enum class SheetWish {
  if_known,  // one of today's, or {"reason": …}
  measured,  // today's, else measured now, which takes up to a minute; says so on standard error
  anew,      // measured now, whatever there is
};

/// As docs/FORMAT.md describes `machine.sheet`. Waits while another run measures on this machine.
Json machine_sheet(const run::Machine& machine, SheetWish wish);

}  // namespace assay::cli
