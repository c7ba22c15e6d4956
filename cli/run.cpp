// assay run: measure, then print the table and one sentence a hypothesis.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "cli/build.hpp"
#include "cli/control_pool.hpp"
#include "cli/machine_sheet.hpp"
#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/plan/published.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/supervisor.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string experiment;
  std::string preset;
  std::string out;
  std::string resume;
  std::vector<std::string> fail_on;
  std::vector<std::string> suites;
  std::optional<int> skip_code;
  bool json = false;
};

/// The command line as it can be shown to anybody: paths shortened to their last part.
std::vector<std::string> shown_command(const Options& options, const plan::Plan& plan) {
  std::vector<std::string> words{"assay", "run", plan.experiment.name, "--preset", plan.preset.name};
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  return words;
}

Result<run::RunRequest> make_request(const Options& options, const AllPlaces& places, plan::Plan plan) {
  run::RunRequest request;
  if (!plan.experiment.published.empty()) {
    auto text = record::read_file(plan.experiment.published);
    if (!text) return text.error();
    auto published = plan::parse_published(*text, plan.experiment.published.filename().string());
    if (!published) return published.error();
    request.published_text = *std::move(text);
    request.published = *std::move(published);
  }
  request.results = options.out.empty() ? default_results() : fs::absolute(options.out);
  if (!options.resume.empty()) {
    auto folder = record::find_run(options.resume, request.results);
    if (!folder) return folder.error();
    request.resume = fs::absolute(*folder);
  }
  request.command_line = shown_command(options, plan);
  request.assay = to_json(build());
  request.plan = std::move(plan);
  auto machine = look_at_machine(places, true);
  if (!machine) return machine.error();
  request.machine = *std::move(machine);
  request.machine.facts["sheet"] = machine_sheet(request.machine, request.plan.peaks.empty() ? SheetWish::if_known : SheetWish::measured);
  return request;
}

/// Exit status of a finished run: what failed, and the gates that --fail-on names.
int status_of(const reports::Report& report, const Options& options) {
  if (report.failed() > 0) return kFailed;
  const auto gate = [&](std::string_view word) {
    return std::find(options.fail_on.begin(), options.fail_on.end(), word) != options.fail_on.end();
  };
  const OrderedJson document = reports::to_json(report, "");
  for (const auto& hypothesis : document["hypotheses"]) {
    const std::string verdict = hypothesis["verdict"].is_string() ? hypothesis["verdict"].get<std::string>() : "inconclusive";
    if (gate(verdict)) return kFailed;
  }
  for (const auto& comparison : document["comparisons"]) {
    if (comparison["verdict"].is_string() && comparison["verdict"] == "worse" && gate("worse")) return kFailed;
  }
  if (options.skip_code && report.ran() == 0 && report.unsupported() > 0) return *options.skip_code;
  return kDone;
}

int run_verb(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const std::string preset = options.preset.empty() ? "quick" : options.preset;
  auto plan = prepare_plan(options.experiment, preset, places);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  const auto request = make_request(options, places, *std::move(plan));
  if (!request) return complain(kUsage, request.error().message, options.json);

  Result<run::RunSummary> summary = Error{};
  {
    TerminalTrace trace;
    summary = run::run_experiment(*request, trace, interrupted());
  }
  if (!summary) return complain(options.resume.empty() ? kOwnFailure : kUsage, summary.error().message, options.json);
  if (summary->failure && (summary->failure->own_failure || summary->stopped_by == "rehearsal")) {
    return complain(summary->failure->own_failure ? kOwnFailure : kUsage, summary->failure->message, options.json);
  }
  const auto record = record::read_run(summary->folder);
  if (!record) return complain(kOwnFailure, record.error().message, options.json);
  const auto report = reports::project(*record);
  if (!report) return complain(kOwnFailure, report.error().message, options.json);
  remember_controls(*record, *report, [](const std::string& notice) { std::cerr << notice << '\n'; });
  if (options.json) {
    print(reports::to_json(*report, summary->folder.string()));
  } else {
    std::cout << reports::terminal_text(*report, terminal_width(), wants_color());
  }
  if (summary->stopped_by == "rehearsal") {
    std::cerr << fmt::format("assay: {} in the rehearsal, so nothing was measured; see above\n",
                             report->failed() > 0 ? "every treatment failed" : "no treatment is supported on this machine");
  } else {
    std::cerr << fmt::format("run folder: {}\nas files:   assay report {}\n", summary->folder.string(), summary->folder.filename().string());
    if (options.preset.empty()) std::cerr << "for the report: --preset paper\n";
  }
  return status_of(*report, options);
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "Measure an experiment; begins with a rehearsal, ends with the table");
  verb->add_option("experiment", options->experiment, "A name that `assay list` prints, or a path")->required();
  verb->add_option("--preset", options->preset, "Preset of the experiment (without it: quick)");
  verb->add_option("--out", options->out, "Folder that stands in for results/");
  verb->add_option("--resume", options->resume, "Go on with this interrupted run");
  verb->add_option("--fail-on", options->fail_on, "Exit 1 on a verdict: refuted, inconclusive, worse")
      ->delimiter(',')
      ->check(CLI::IsMember({"refuted", "inconclusive", "worse"}));
  verb->add_option("--skip-code", options->skip_code, "Exit status if every cell is unsupported");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay run matmul-ladder --preset quick");
  verb->callback([&action, options] { action = [options] { return run_verb(*options); }; });
}

}  // namespace assay::cli
