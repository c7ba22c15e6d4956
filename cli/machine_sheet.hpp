// The machine sheet between runs: measured once a day and boot, kept in the user's state folder, copied into every run.
#pragma once

#include <string>

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

/// A table for each number of threads: floating point, then a line a level with GB/s by pattern and the latency. Or the
/// reason why there is none. Ends with a newline.
std::string sheet_text(const Json& sheet);

}  // namespace assay::cli
