// A figure's script, run by gnuplot.
#pragma once

#include <filesystem>

#include "harness/core/result.hpp"
#include "reports/figure.hpp"

namespace assay::reports {

/// Makes <name>.svg, and <name>.pdf if this gnuplot can, from the script and the CSV that stand in `folder`.
Result<Done> draw(const Figure& figure, const std::filesystem::path& folder);

}  // namespace assay::reports
