#include "cli/own_measurement.hpp"

#include <utility>

#include "cli/build.hpp"
#include "cli/temporary_folder.hpp"
#include "harness/plan/plan.hpp"

namespace assay::cli {

Result<OwnMeasurement> measure_own(OwnExperiment wish, const plan::Places& places, run::Trace& trace, const run::InterruptFlag& interrupt) {
  const TemporaryFolder folder("doctor");
  if (folder.path().empty()) return Error{"no temporary folder can be made; is there room in $TMPDIR or /tmp?"};
  auto experiment = plan::parse_experiment(wish.text, wish.name, folder.path() / "experiment.toml", places);
  if (!experiment) return experiment.error();
  experiment->name = wish.name;
  const auto preset = experiment->preset("quick");
  if (!preset) return preset.error();
  auto plan = plan::make_plan(*std::move(experiment), *preset);
  if (!plan) return plan.error();
  run::RunRequest request;
  request.plan = *std::move(plan);
  request.machine = std::move(wish.machine);
  request.results = folder.path() / "results";
  request.assay = to_json(build());
  request.command_line = std::move(wish.command_line);
  request.machine_held = true;
  request.calibration = wish.calibration;
  const auto summary = run::run_experiment(request, trace, interrupt);
  if (!summary) return summary.error();
  if (summary->failure) return Error{summary->failure->message};
  auto run = record::read_run(summary->folder);
  if (!run) return run.error();
  auto report = reports::project(*run);
  if (!report) return report.error();
  return OwnMeasurement{*std::move(run), *std::move(report)};
}

}  // namespace assay::cli
