// Fields of the CSV files: RFC 4180, values in base units with ten significant digits; and a table as it is
// shown.
#pragma once

#include <optional>
#include <string>

#include "reports/numbers.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// Quoted where it must be.
std::string csv_quoted(const std::string& text);
std::string csv_number(const std::optional<double>& value);  // empty if absent
/// "value,low,high"; empty fields for what is absent.
std::string csv_interval(const std::optional<Number>& number);

/// Exactly what a reader sees, for a spreadsheet: "2.31 ms", its interval in a column of its own, and last
/// the texts of the row's footnotes. What a spreadsheet would run as a formula stands behind an apostrophe.
std::string table_csv(const TextTable& table);

}  // namespace assay::reports
