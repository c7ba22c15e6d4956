// The controls of all runs on this machine, a line each in the user's state folder: comparisons of a program with itself whose
// true answer is known. From them the doctor says how often comparisons here are wrong.
//
//     if (!summary->failure) remember_controls(run, report, [](const std::string& notice) { std::cerr << notice << '\n'; });
//     const ControlPool pool = read_controls(controls_file(), machine_of(run.manifest["machine"]));
//
// A control from before a reboot still says how this machine's comparisons do: the key is the machine, not the boot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/spread.hpp"
#include "harness/core/block.hpp"
#include "harness/core/json.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::cli {

/// A line of controls.jsonl (docs/FORMAT.md).
struct PooledControl {
  std::string machine;     // key: processor, cores, hypervisor
  std::string run;         // name of its folder
  std::string experiment;
  std::string metric;
  std::string treatment;   // id of the baseline whose copy it is
  std::string time;        // when the run was started, UTC
  std::string kernel;
  std::string boot;        // hash of the boot's id; may be empty
  Role kind = Role::same;  // or slowed
  std::optional<double> planted;  // of slowed: the ratio
  bool elapsed = true;     // of the metric that blocks time: one a run and baseline, the others are of the same blocks
  double ratio = 1, low = 1, high = 1;
  double p = 1;            // of "ratio 1", t test, not adjusted
  double iteration_s = 0;  // of the baseline; 0: unknown
  double wall_s = 0;       // of the whole run
  Spread spread;
};

OrderedJson to_json(const PooledControl& control);
/// nullopt for a line that isn't one: of another program, torn, or with a number that makes no sense.
std::optional<PooledControl> control_of(std::string_view line);

/// 16 hex digits for a machine's facts as the manifest has them: the same before and after a reboot, another for another
/// processor, number of cores or hypervisor.
std::string machine_key(const Json& facts);

/// What a run's controls say: measured here, on a clock of time, with an interval. Empty for a run that was interrupted.
std::vector<PooledControl> controls_of(const record::RunRecord& run, const reports::Report& report);

inline constexpr std::size_t kMostControls = 10'000;  // kept: the newest

/// The controls in `file` of one machine, in order of the lines. `skipped`: lines that are none.
struct ControlPool {
  std::vector<PooledControl> controls;
  std::size_t skipped = 0;
};
ControlPool read_controls(const std::filesystem::path& file, const std::string& machine);

/// Appends the controls of one run, a line each and all in one write, unless the file already has that run. A file of more than a tenth above
/// kMostControls lines is cut to the newest of them. Safe beside other processes that do the same.
Result<Done> append_controls(const std::filesystem::path& file, const std::vector<PooledControl>& controls);

/// controls.jsonl in the state folder; empty if there is none.
std::filesystem::path controls_file();

/// After a complete run: keeps its controls. What is in the way is one notice, never a failure.
void remember_controls(const record::RunRecord& run, const reports::Report& report, const std::function<void(const std::string&)>& notice);

}  // namespace assay::cli
