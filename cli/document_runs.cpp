#include "cli/document_runs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/record/run_folder.hpp"
#include "reports/blocks.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

bool holds(const std::deque<StoredRun>& runs, const fs::path& folder) {
  std::error_code ignored;
  return std::any_of(runs.begin(), runs.end(), [&](const StoredRun& r) { return fs::equivalent(r.folder, folder, ignored); });
}

}  // namespace

Result<std::deque<StoredRun>> runs_named(const std::vector<std::string>& names, const fs::path& results) {
  std::deque<StoredRun> runs;
  for (const std::string& name : names) {
    auto one = read_stored(name, results);
    if (!one) return one.error();
    if (!holds(runs, one->folder)) runs.push_back(*std::move(one));
  }
  return runs;
}

Result<std::deque<StoredRun>> runs_of_document(const fs::path& document, const fs::path& results) {
  constexpr std::uintmax_t kLargest = 64 << 20;
  const auto text = record::read_file(document, kLargest);
  if (!text) return text.error();
  const auto blocks = reports::find_blocks(*text, document.string(), reports::syntax_of(document.string()));
  if (!blocks) return blocks.error();
  std::vector<std::string> names;
  bool unnamed = false;
  for (const reports::Block& block : *blocks) {
    if (block.kind->of_plan) continue;
    unnamed = unnamed || block.run.empty();
    if (!block.run.empty() && std::find(names.begin(), names.end(), block.run) == names.end()) names.push_back(block.run);
  }
  if (names.empty() && !unnamed) return Error{fmt::format("{}: no block to fill; `assay report RUN --into {}` says how one is written", document.string(), document.string())};
  if (names.empty()) return Error{fmt::format("{}: no block names an experiment; name one in it, as in <!-- assay: begin table EXPERIMENT -->, or give a RUN", document.string())};
  std::deque<StoredRun> runs;
  std::vector<std::string> without;
  for (const std::string& name : names) {
    const auto folder = record::find_run(name, results);
    if (!folder) {
      without.push_back(name);
      continue;
    }
    auto one = read_stored(folder->string(), results);
    if (!one) return one.error();
    if (!holds(runs, one->folder)) runs.push_back(*std::move(one));
  }
  if (runs.empty()) return Error{fmt::format("{}: none of what its blocks name was run yet ({}); assay run EXPERIMENT measures it", document.string(), fmt::join(without, ", "))};
  return runs;
}

}  // namespace assay::cli
