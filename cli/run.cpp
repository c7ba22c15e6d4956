// assay run: measure, then print the table and one sentence a hypothesis.
#include <filesystem>
#include <iostream>

#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string experiment;
  std::string preset;
  std::string out;
  std::string resume;
  std::string extend;
  std::optional<int> rounds;  // that --extend adds
  std::vector<std::string> fail_on;
  std::vector<std::string> set;
  std::vector<std::string> suites;
  std::optional<int> skip_code;
  bool json = false;
};

/// The command line as it can be shown to anybody: paths shortened to their last part.
std::vector<std::string> shown_command(const Options& options, const plan::Plan& plan) {
  std::vector<std::string> words{"assay", "run", plan.experiment.name, "--preset", plan.preset.name};
  for (const std::string& word : options.set) words.insert(words.end(), {"--set", word});
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  if (!options.extend.empty()) words.insert(words.end(), {"--extend", fs::path(options.extend).filename().string()});
  if (options.rounds) words.insert(words.end(), {"--rounds", std::to_string(*options.rounds)});
  return words;
}

/// The preset asked for; without one that of the run that is extended, else quick.
Result<std::string> preset_of(const Options& options) {
  if (!options.preset.empty() || options.extend.empty()) return options.preset.empty() ? "quick" : options.preset;
  const auto results = results_in(options.out);
  if (!results) return results.error();
  const auto folder = record::find_run(options.extend, *results);
  if (!folder) return folder.error();
  const auto earlier = record::read_run(*folder);
  if (!earlier) return earlier.error();
  return earlier->preset;
}

int run_verb(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const auto preset = preset_of(options);
  if (!preset) return complain(kUsage, preset.error().message, options.json);
  auto plan = prepare_plan(options.experiment, *preset, places, options.set);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  Wish wish{.plan = *std::move(plan), .out = options.out, .resume = options.resume, .extend = options.extend, .added_rounds = options.rounds,
            .command_line = {}, .resume_with = "", .json = options.json};
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
  if (summary.stopped_by != "rehearsal" && options.preset.empty() && options.extend.empty()) std::cerr << "for the report: --preset paper\n";
  return status_of(report, options.fail_on, options.skip_code);
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "Measure an experiment; begins with a rehearsal, ends with the table");
  verb->add_option("experiment", options->experiment, "A name that `assay list` prints, or a path")->required();
  verb->add_option("--preset", options->preset, "Preset of the experiment (without it: quick)");
  add_set_option(*verb, options->set);
  verb->add_option("--out", options->out, "Folder that stands in for results/");
  CLI::Option* resume = verb->add_option("--resume", options->resume, "Go on with this interrupted run");
  CLI::Option* extend = verb->add_option("--extend", options->extend, "Add rounds to this complete run, as a new run that reports them all; its p pay for the earlier look")->excludes(resume);
  verb->add_option("--rounds", options->rounds, "With --extend: how many rounds to add (without it: the preset's)")->needs(extend)->check(CLI::Range(1, 10'000));
  verb->add_option("--fail-on", options->fail_on, "Exit 1 on a verdict: refuted, inconclusive, worse")
      ->delimiter(',')
      ->check(CLI::IsMember({"refuted", "inconclusive", "worse"}));
  verb->add_option("--skip-code", options->skip_code, "Exit status if every cell is unsupported");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay run matmul-ladder --preset quick\n         assay run matmul-ladder --extend latest --rounds 20");
  verb->callback([&action, options] { action = [options] { return run_verb(*options); }; });
}

}  // namespace assay::cli
