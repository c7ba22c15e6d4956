// What differs between the rows of a table though no factor says so: a library's version, an input, a device,
// the number of processors. A difference may then be its doing.
//
//     for (Warning& w : hidden_factor_warnings(run, planned)) report.warnings.push_back(std::move(w));
#pragma once

#include <vector>

#include "harness/record/run_record.hpp"
#include "reports/planned.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

/// Kind `hidden_factor`. Silent where one factor explains it: where each of its levels has a value of its own
/// (the level is then what the row is about), or where it is a factor that is there to choose it (worker,
/// command, device, revision; threads and cpus of processors).
std::vector<Warning> hidden_factor_warnings(const record::RunRecord& run, const Planned& planned);

}  // namespace assay::reports
