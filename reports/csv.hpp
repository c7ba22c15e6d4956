// Fields of the CSV files: RFC 4180, values in base units with ten significant digits.
#pragma once

#include <optional>
#include <string>

#include "reports/numbers.hpp"

namespace assay::reports {

/// Quoted where it must be.
std::string csv_quoted(const std::string& text);
std::string csv_number(const std::optional<double>& value);  // empty if absent
/// "value,low,high"; empty fields for what is absent.
std::string csv_interval(const std::optional<Number>& number);

}  // namespace assay::reports
