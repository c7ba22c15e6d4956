// A figure's script, run by gnuplot.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"
#include "reports/figure.hpp"

namespace assay::reports {

/// Makes <name>.svg, and <name>.pdf if this gnuplot can, from the script and the CSV that stand in `folder`.
Result<Done> draw(const Figure& figure, const std::filesystem::path& folder);

/// The picture with a last line that says whose data it shows and what it is itself, so that a document's figures can be checked
/// without gnuplot: "<!-- assay: figure <16 hex> picture <16 hex> -->".
std::string vouched(const std::string& svg, const Figure& figure);

/// What such a picture says of itself.
struct Voucher {
  bool whole = false;        // the picture is the one that was drawn
  bool of_figure = false;    // from this figure's data
};
/// Nothing for a picture without that line.
std::optional<Voucher> voucher_of(std::string_view svg, const Figure& figure);

}  // namespace assay::reports
