// assay run: measure, then print the table and one sentence a hypothesis.
#include <filesystem>
#include <iostream>

#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
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

int run_verb(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const std::string preset = options.preset.empty() ? "quick" : options.preset;
  auto plan = prepare_plan(options.experiment, preset, places);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  Wish wish{.plan = *std::move(plan), .out = options.out, .resume = options.resume, .command_line = {}, .resume_with = "", .json = options.json};
  wish.command_line = shown_command(options, wish.plan);
  auto measured = measure(std::move(wish), places);
  if (const int* status = std::get_if<int>(&measured)) return *status;
  const auto& [summary, report] = std::get<Measured>(measured);
  if (options.json) {
    print(reports::to_json(report, summary.folder.string()));
  } else {
    std::cout << reports::terminal_text(report, terminal_width(), wants_color());
  }
  tell_where(std::get<Measured>(measured));
  if (summary.stopped_by != "rehearsal" && options.preset.empty()) std::cerr << "for the report: --preset paper\n";
  return status_of(report, options.fail_on, options.skip_code);
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
