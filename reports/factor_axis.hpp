// A factor as an axis of a picture: its levels in the order in which they are drawn, and which treatment has them.
//
//     const auto axes = varied_axes(planned);                       // precision: fp32, int8; batch: 1, 8, 64
//     for (const Treatment& levels : combinations({axes[0]})) …     // one partial treatment a level
//     const int t = treatment_with(planned, levels);                // −1: left out of the design
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/planned.hpp"

namespace assay::reports {

struct FactorAxis {
  std::string name;
  std::vector<Level> levels;  // numbers ascending, others in the experiment file's order
  bool numeric = false;       // all of them are numbers
};

/// Nothing for text and booleans.
std::optional<double> level_number(const Level& level);

/// Of the factors with at least two levels, in the experiment file's order.
std::vector<FactorAxis> varied_axes(const Planned& planned);

/// What `trend` and `throughput` have on their axis: the first factor of at least three numbers and nothing else; null
/// where there is none.
const plan::Factor* sweep_factor(const Planned& planned);

/// Every combination of the axes' levels, the first axis outermost; of no axis one that is empty.
std::vector<Treatment> combinations(const std::vector<FactorAxis>& axes);

/// The first treatment that has these levels among its own; −1 where none was planned.
int treatment_with(const Planned& planned, const Treatment& levels);
/// `some` and `more` in one.
Treatment joined(Treatment some, const Treatment& more);

/// "int8, batch 64"; empty for no level.
std::string levels_text(const Treatment& levels);

/// A name on an axis whose places are numbered.
struct NamedTic {
  std::string name;
  int place = 0;
};
/// The tics of axis "x" or "y"; slanted where a name has more than `room` characters.
bool is_slanted(const std::vector<NamedTic>& tics, int room);
std::string named_tics(std::string_view axis, const std::vector<NamedTic>& tics, int room);

}  // namespace assay::reports
