// A RUN of the command line, found, read and projected.
#pragma once

#include <filesystem>
#include <string>

#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::cli {

struct StoredRun {
  std::filesystem::path folder;  // absolute
  record::RunRecord run;
  reports::Report report;
};

/// `results`: where names and prefixes are looked for.
Result<StoredRun> read_stored(const std::string& name, const std::filesystem::path& results);

}  // namespace assay::cli
