#include "cli/stored_run.hpp"

namespace assay::cli {

Result<StoredRun> read_stored(const std::string& name, const std::filesystem::path& results) {
  auto folder = record::find_run(name, results);
  if (!folder) return folder.error();
  auto run = record::read_run(*folder);
  if (!run) return run.error();
  auto report = reports::project(*run);
  if (!report) return report.error();
  return StoredRun{std::filesystem::absolute(*folder).lexically_normal(), *std::move(run), *std::move(report)};
}

}  // namespace assay::cli
