#include "cli/plan_spread.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/build.hpp"
#include "cli/certificate.hpp"
#include "cli/control_pool.hpp"
#include "cli/temporary_folder.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/spread.hpp"
#include "harness/run/supervisor.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

/// Whether a run measured these treatments on this machine, by its manifest alone: most runs need not be read.
bool is_alike(const fs::path& folder, const plan::Plan& plan, const run::Machine& machine) {
  const auto text = record::read_file(folder / "manifest.json");
  if (!text) return false;
  const auto manifest = parse_json(*text);
  if (!manifest || !manifest->is_object()) return false;
  const Json treatments = manifest->value("treatments", Json());
  if (!treatments.is_array() || treatments.size() != plan.treatments.size()) return false;
  for (std::size_t i = 0; i < treatments.size(); ++i) {
    if (!treatments[i].is_object() || treatments[i].value("id", Json()) != Json(plan.treatments[i].id)) return false;
  }
  const Json facts = manifest->value("machine", Json());
  return facts.is_object() && facts.value("topology", Json()) == machine.facts.value("topology", Json()) &&
         manifest->value("cpus", Json()) == Json(machine.cpus) &&
         manifest->value("controls", Json()) == Json(to_json(plan.experiment.controls));
}

bool is_complete(const record::RunRecord& run) {
  return run.stopped_by == "rounds" || run.stopped_by == "precision" || run.stopped_by == "budget";
}

/// nullopt where no pair has two rounds.
std::optional<run::Spread> spread_in(const record::RunRecord& record, const plan::Plan& plan, std::string source) {
  const auto metric = run::planning_metric(record);
  if (!metric) return std::nullopt;
  run::Spread spread{.pairs = run::spread_of(record, plan.pairs, *metric), .sd = {}, .source = std::move(source)};
  const bool usable = std::any_of(spread.pairs.begin(), spread.pairs.end(), [](const auto& pair) { return pair.rounds.size() >= 2; });
  return usable ? std::optional(std::move(spread)) : std::nullopt;
}

}  // namespace

std::optional<run::Spread> spread_of_earlier_run(const plan::Plan& plan, const run::Machine& machine, const fs::path& results) {
  constexpr std::size_t kLookedAt = 20;
  const auto folders = record::runs_of(plan.experiment.name, results);
  for (std::size_t i = 0; i < std::min(kLookedAt, folders.size()); ++i) {
    if (!is_alike(folders[i], plan, machine)) continue;
    const auto record = record::read_run(folders[i]);  // one that can't be read any more tells nothing
    if (!record || !is_complete(*record)) continue;
    if (auto spread = spread_in(*record, plan, "run " + folders[i].filename().string())) return spread;
  }
  return std::nullopt;
}

std::optional<double> pooled_sd(const run::Machine& machine) {
  return typical_sd(read_controls(controls_file(), machine_key(machine.facts)).controls);
}

Result<run::Spread> spread_of_pilot(const plan::Plan& plan, const run::Machine& machine, int rounds, run::Trace& trace,
                                    const run::InterruptFlag& interrupt) {
  const TemporaryFolder scratch("pilot");
  if (scratch.path().empty()) return Error{fmt::format("{}: no temporary folder can be made", fs::temp_directory_path().string())};
  run::RunRequest request;
  request.plan = plan;
  request.plan.preset.rounds = rounds;
  request.plan.preset.precision_target.reset();
  request.plan.preset.budget_s.reset();
  request.plan.preset.min_s.reset();
  request.plan.preset.slowed_control = false;
  request.plan.experiment.simulate = false;
  request.machine = machine;
  request.results = scratch.path();
  request.assay = to_json(build());
  request.command_line = {"assay", "plan", plan.experiment.name, "--pilot"};
  const auto summary = run::run_experiment(request, trace, interrupt);
  if (!summary) return summary.error();
  // Where to go on is no use to anybody: the folder is about to go.
  if (interrupt) return Error{"interrupted"};
  if (summary->failure) return Error{"the pilot stopped early: " + summary->failure->message};
  const auto record = record::read_run(summary->folder);
  if (!record) return record.error();
  auto spread = spread_in(*record, plan, fmt::format("a pilot of {} rounds, measured now", rounds));
  if (!spread) return Error{"the pilot has no comparison with two complete rounds of a time; run the experiment to see why"};
  return *std::move(spread);
}

}  // namespace assay::cli
