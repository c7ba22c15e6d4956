// The kinds of comparison that `assay compare` makes, each in the .cpp that its name says.
#pragma once

#include <string>
#include <vector>

namespace assay::cli {

/// Two stored runs, described: compare_stored.cpp. `out` stands in for results/; empty: the default.
int compare_stored_runs(const std::string& first, const std::string& second, const std::string& out, bool json);

}  // namespace assay::cli
