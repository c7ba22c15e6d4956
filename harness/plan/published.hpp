// Figures from papers that an experiment cites, read from the file that `[experiment] published` names.
//
//     source = "…"  doi = "…"  machine = "…"  along = "version"
//     [[row]] version = "3_c"  time_s = 542.67  flop_per_s = 0.253e9
//
// Values are in SI units and as printed; a row is found again by its level of the factor `along`.
#pragma once

#include <string_view>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::plan {

/// The file as JSON: its top-level keys, and `rows`. A row must hold the factor `along`; every other value is
/// text or a finite number. The error names file and line.
Result<Json> parse_published(std::string_view text, std::string_view shown_name);

}  // namespace assay::plan
