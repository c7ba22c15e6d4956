// What the doctor says: findings, and the three ways in which they are shown. Knows no machine.
//
//     std::cout << brief_text(findings, 100, false);      // at most 20 lines: what is to mend, the costliest first
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/json.hpp"

namespace assay::cli {

enum class Status { ok, warning, unavailable };
std::string_view name_of(Status status);

struct Finding {
  std::string name;
  Status status = Status::ok;
  std::string value;
  std::string advice;  // how to mend it; may be empty
  /// What it costs here, as measured: `loss` is the share of time or speed that goes there, 0 to 1; other names are in
  /// base units. Empty: not measured.
  std::vector<std::pair<std::string, double>> cost;
  std::string brief;   // a few words for the line of what is fine; empty: the name
  bool always = false; // shown in lines of its own even where all is fine

  double loss() const;  // 0 where it wasn't measured
};

/// Warnings first, the costliest before the others; then what is unavailable, with a remedy or without; then what is fine.
/// Otherwise as they were.
void sort_by_cost(std::vector<Finding>& findings);

/// A list of {name, status, value, advice, cost}; advice and cost are null where there is none.
OrderedJson to_json(const std::vector<Finding>& findings);

/// The answer, then sorted findings as far as `most_lines` go; those left out are named.
std::string brief_text(const std::vector<Finding>& findings, int width, bool color, int most_lines = 20);

/// Their lines alone.
std::string lines_of(const std::vector<Finding>& findings, int width, bool color);

/// The answer, then every finding with its advice.
std::string full_text(const std::vector<Finding>& findings, int width, bool color);

}  // namespace assay::cli
