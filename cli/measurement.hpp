// What run and compare do alike once a plan is made: measure it, read the record back, print what it says.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/places.hpp"
#include "cli/verb.hpp"
#include "harness/run/supervisor.hpp"
#include "reports/report.hpp"

namespace assay::cli {

struct Wish {
  plan::Plan plan;
  std::string out = {};                         // stands in for results/; empty: the default
  std::string resume = {};                      // a RUN to go on with; empty: a new one
  std::string extend = {};                      // a RUN that this one adds rounds to; empty: none
  std::optional<int> added_rounds = {};         // with `extend`; absent: the preset's
  std::vector<std::string> command_line = {};   // as it can be shown to anybody
  std::string resume_with = {};                 // what a person types before " --resume RUN"; empty: `assay run …`
  bool json = false;
};

struct Measured {
  run::RunSummary summary;
  reports::Report report;
};

/// Where runs stand: `out`, or the default if it is empty.
Result<std::filesystem::path> results_in(const std::string& out);

/// Looks at the machine, measures, projects, and keeps the controls for the doctor. If there is nothing to report the person has been told why, and the exit
/// status is given instead.
std::variant<Measured, int> measure(Wish wish, const AllPlaces& places);

/// Exit status of a finished run: a cell that failed, else a gate of --fail-on (`refuted`, `inconclusive`: of a hypothesis;
/// `worse`: of a comparison), else `skip_code` if every cell is unsupported.
int status_of(const reports::Report& report, const std::vector<std::string>& fail_on, std::optional<int> skip_code);

/// To standard error: where the run folder is, or why nothing was measured.
void tell_where(const Measured& measured);

}  // namespace assay::cli
