// assay compare RUN RUN: two stored runs side by side, without a verdict.
#include <filesystem>
#include <iostream>

#include "cli/compare.hpp"
#include "cli/measurement.hpp"
#include "cli/stored_run.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "reports/stored_runs.hpp"

namespace assay::cli {

int compare_stored_runs(const std::string& first, const std::string& second, const std::string& out, bool json) {
  const auto results = results_in(out);
  if (!results) return complain(kUsage, results.error().message, json);
  const auto to = read_stored(first, *results);
  if (!to) return complain(kUsage, to.error().message, json);
  const auto of = read_stored(second, *results);
  if (!of) return complain(kUsage, of.error().message, json);
  if (to->folder == of->folder) {
    return complain(kUsage, first + " and " + second + " are the same run: " + to->folder.string() + "; name two", json);
  }
  const reports::StoredRuns both = reports::compare_stored(to->run, to->report, of->run, of->report);
  if (json) {
    print(reports::to_json(both, to->report, of->report, to->folder.string(), of->folder.string()));
  } else {
    std::cout << reports::terminal_text(both, to->report, of->report, terminal_width(), wants_color());
  }
  return kDone;
}

}  // namespace assay::cli
