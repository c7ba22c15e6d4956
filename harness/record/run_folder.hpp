// Makes and finds run folders, and keeps the ledger of every run that was started.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::record {

/// results/<experiment>/<UTC time>-<8 hex>/ with experiment.toml frozen and its hash in the ledger: in that
/// order, before the first block. `published_text` may be empty.
struct NewRun {
  std::filesystem::path folder;
  std::vector<Json> ledger;  // its lines up to and with this run's start: "run 3 of this plan"
};
Result<NewRun> create_run_folder(const std::filesystem::path& results, std::string_view experiment,
                                 std::string_view experiment_text, std::string_view published_text,
                                 std::string_view preset);

/// Writes a whole file or nothing: temporary file beside it, fsync, rename. A file that is replaced keeps its permissions.
Result<Done> write_atomically(const std::filesystem::path& file, std::string_view text);

Result<std::string> read_file(const std::filesystem::path& file, std::uintmax_t limit_bytes = 1ULL << 32);

}  // namespace assay::record
