// What the cells, columns and captions of all tables have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/tables.hpp"

namespace assay::reports {

// What tables.def lists.
#define TABLE(make) std::vector<TextTable> make(const Report& report);
#include "reports/tables.def"
#undef TABLE

inline constexpr std::string_view kNothing = "–";

TextCell cell_of(const Printed& printed, std::string mark = "", bool with_unit = true);
TextCell words(std::string text, TextCell::Tone tone = TextCell::Tone::plain, std::string mark = "");
TextCell nothing();

/// "modelled (8 of 1024 rows)", "imported": every number that was not measured here carries its mark.
std::string provenance_note(const Cell& cell);

std::string outcome_text(Outcome outcome);

/// "openblas 0.3.21 SkylakeX" where this level of the factor has a worker of its own, which serves no other:
/// its kernels are then what the row is about.
std::string library_note(const Planned& planned, const std::string& factor, int treatment);

/// Those with several levels, which name a row; the first where none has.
std::vector<std::string> varied_factors(const Planned& planned);

/// "latency_s, p99".
std::string column_title(const Metric& metric, const std::string& statistic);

/// One line for a table that stands alone: "12 cells planned: 10 measured, 0 unsupported, 2 failed. The same
/// program against itself: 1.000 [0.998, 1.002]. Preset paper, 15 rounds." The cells where one isn't ok; the
/// control of `metric`, if it is given and has one; which run of the plan it is, if there are others.
std::string status_text(const Report& report, int metric = -1, const std::string& statistic = "typical");

/// How the sides shared the machine, where it isn't by turns; or nothing.
std::string placement_text(const Planned& planned);

}  // namespace assay::reports
