// Levels as they stand in a file: what a factor, a control, the baseline or a hypothesis may say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/treatment.hpp"
#include "harness/plan/document.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/section.hpp"

namespace assay::plan {

/// A boolean, a finite number or text without control characters. `what` begins the message: "factor
/// 'batch'".
std::optional<Level> read_level(const document::Node& node, std::string_view what, Mistakes& mistakes);

/// A list of levels: at least one, of one type, none twice. `threads` and `cpus` may mix numbers and text.
std::vector<Level> read_levels(const std::string& name, const document::Entry& entry, Mistakes& mistakes);

/// What `threads`, `cpus`, `device`, `memory_bytes` and `seed` must be, since Assay acts on them. Nullopt:
/// fine.
std::optional<std::string> reserved_problem(std::string_view name, const Level& level);

/// Levels of some factors, e.g. a baseline. Each must be one that the factor takes; in the factors' order.
Treatment read_partial(const document::Table& table, int line, std::string_view what,
                       const std::vector<Factor>& factors, const Treatment& controls, Mistakes& mistakes);

/// As the file would write it: "fp32" with its quotes, 8, 8.0, true.
std::string toml_text(const Level& level);
std::string toml_text(const std::vector<Level>& levels);

std::vector<std::string> names_of(const std::vector<Factor>& factors);

}  // namespace assay::plan
