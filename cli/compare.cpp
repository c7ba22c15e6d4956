// assay compare: any two or more programs, interleaved; or two stored runs, side by side.
#include "cli/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "cli/compare_options.hpp"
#include "cli/gate_run.hpp"
#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "cli/words.hpp"
#include "harness/plan/plan.hpp"
#include "harness/plan/suite.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/command_line.hpp"
#include "reports/command_table.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

Result<Done> check_programs(const std::vector<NamedCommand>& commands, const CommandWishes& wishes) {
  for (const NamedCommand& command : commands) {
    const std::string program = wishes.shell.empty() ? command.run.front() : wishes.shell;
    if (!run::find_program(program, fs::current_path()).empty()) continue;
    const std::string syntax = wishes.shell.empty() ? shell_syntax_in(command.text) : "";
    const std::string hint = !syntax.empty() ? fmt::format("'{}' is read by a shell only: add --shell", syntax)
                             : wishes.shell.empty() ? "check its spelling, or add --shell if it is a shell's own"
                                                    : "name a shell's program, e.g. --shell=/bin/bash";
    return Error{fmt::format("command '{}': there is no program '{}' {}; {}", command.text, program,
                             program.find('/') == std::string::npos ? "on PATH" : "here", hint)};
  }
  return Done{};
}

/// A pipe that is handed to a program as a word is seldom meant.
void hint_at_shell(const std::vector<NamedCommand>& commands) {
  for (const NamedCommand& command : commands) {
    const std::string syntax = shell_syntax_in(command.text);
    if (syntax.empty()) continue;
    std::cerr << fmt::format("note: '{}' in '{}' is handed to the program as it stands; for a shell to read it, add --shell\n", syntax, command.text);
    return;
  }
}

void note(const std::string& sentence) { std::cerr << "assay: " << sentence << '\n'; }

/// The experiment that the commands stand for.
Result<std::string> command_text(const CompareOptions& options) {
  const auto wishes = command_wishes(options);
  if (!wishes) return wishes.error();
  const auto named = named_commands(*wishes);
  if (!named) return named.error();
  if (options.build.empty()) {  // else it may not be there yet
    if (const auto there = check_programs(*named, *wishes); !there) return there.error();
  }
  if (wishes->shell.empty()) hint_at_shell(*named);
  if (wishes->compare_output && named->size() < 2) return Error{"--output-equal needs a second command, whose output is to be equal"};
  return experiment_text(*named, *wishes);
}

Result<std::string> frozen_text(const CompareOptions& options) {
  const auto results = results_in(options.out);
  if (!results) return results.error();
  const auto folder = record::find_run(options.resume, *results);
  if (!folder) return folder.error();
  return record::read_file(*folder / "experiment.toml");
}

Result<Done> write_exports(const CompareOptions& options, const Measured& measured) {
  const auto write = [](const std::string& file, const std::string& text) -> Result<Done> {
    if (file.empty()) return Done{};
    return record::write_atomically(fs::absolute(file), text);
  };
  const auto& report = measured.report;
  auto done = write(options.export_json, reports::to_json(report, measured.summary.folder.string()).dump(2) + "\n");
  if (done) done = write(options.export_markdown, reports::commands_markdown(report));
  if (done) done = write(options.export_csv, reports::commands_csv(report));
  return done;
}

/// The verdicts of the running time; other metrics are told, and fail nobody.
int status_of(const CompareOptions& options, const reports::Report& report) {
  if (report.failed() > 0) return kFailed;
  const auto gate = [&](std::string_view word) {
    return std::find(options.fail_on.begin(), options.fail_on.end(), word) != options.fail_on.end();
  };
  for (const reports::Comparison& c : report.comparisons) {
    const std::string& metric = report.planned.metrics[static_cast<std::size_t>(c.metric)].metric.name;
    if (metric != "wall_s" && metric != "time_s") continue;
    if (c.verdict && gate(stats::name_of(*c.verdict))) return kFailed;
  }
  return kDone;
}

int refuse(const CompareOptions& options, std::string_view why) { return complain(kUsage, why, options.json); }

int measure_all(const CompareOptions& options, plan::Experiment experiment, const AllPlaces& places) {
  const auto preset = experiment.preset("quick");
  if (!preset) return refuse(options, preset.error().message);
  auto plan = plan::make_plan(std::move(experiment), *preset);
  if (!plan) return refuse(options, plan.error().message);
  Wish wish{.plan = *std::move(plan), .out = options.out, .resume = options.resume, .command_line = {}, .resume_with = "assay compare", .json = options.json};
  wish.command_line = shown_command(options, wish.plan.treatments.size());
  auto result = measure(std::move(wish), places);
  if (const int* status = std::get_if<int>(&result)) return *status;
  const Measured& measured = std::get<Measured>(result);
  if (options.json) {
    print(reports::to_json(measured.report, measured.summary.folder.string()));
  } else {
    std::cout << reports::terminal_text(measured.report, terminal_width(), wants_color());
  }
  tell_where(measured);
  if (const auto written = write_exports(options, measured); !written) return complain(kOwnFailure, written.error().message, false);
  return status_of(options, measured.report);
}

int compare_now(const CompareOptions& options) {
  const AllPlaces places = find_places({});
  const auto text = options.has_benchmarks() ? benchmark_text(benchmark_wishes(options), benchmark_texts(options), fs::current_path(), std::nullopt, interrupted(), note)
                                             : command_text(options);
  if (!text) return refuse(options, text.error().message);
  auto experiment = plan::parse_experiment(*text, "the comparison", {}, places.plan);
  if (!experiment) return refuse(options, experiment.error().message);
  return measure_all(options, *std::move(experiment), places);
}

/// A gate over a file needs the file again: where it stands its commands run.
Result<ExperimentText> resumed_subject(const CompareOptions& options, const std::string& frozen, const std::string& name, const AllPlaces& places) {
  if (name == "compare") {  // commands, or benchmarks
    if (options.runs.empty()) return ExperimentText{frozen, "the gate", {}};
    return Error{fmt::format("the gate {} isn't over an experiment file; leave {} out", options.resume, options.runs.front())};
  }
  if (options.runs.empty()) {
    return Error{fmt::format("this gate is over an experiment file, {}; name it too, because its commands run where it stands: assay compare --resume {} FILE",
                             name, options.resume)};
  }
  const auto file = plan::find_experiment(options.runs.front(), places.plan);
  if (!file) return file.error();
  const auto now = record::read_file(*file);
  if (!now || !frozen.starts_with(now->substr(0, now->find_last_not_of('\n') + 1))) {
    return Error{fmt::format("{} isn't the file that this gate was started with, or has changed since; start the gate again", options.runs.front())};
  }
  return ExperimentText{frozen, file->string(), *file};
}

int resume(const CompareOptions& options) {
  const AllPlaces places = find_places({});
  const auto text = frozen_text(options);
  if (!text) return refuse(options, text.error().message);
  auto experiment = plan::parse_experiment(*text, "the comparison", {}, places.plan);
  if (!experiment) return refuse(options, experiment.error().message);
  if (!experiment->against) {
    if (options.runs.empty()) return measure_all(options, *std::move(experiment), places);
    return refuse(options, fmt::format("{} isn't a gate over an experiment file; leave {} out", options.resume, options.runs.front()));
  }
  auto subject = resumed_subject(options, *text, experiment->title_name, places);
  if (!subject) return refuse(options, subject.error().message);
  GateWish wish;
  wish.experiment = *std::move(subject);
  if (!options.runs.empty()) wish.resume_name = options.runs.front();
  if (options.runs.empty()) wish.decided_by = experiment->runs_google_benchmark() ? "time_s" : "wall_s";
  wish.out = options.out;
  wish.resume = options.resume;
  wish.command_line = shown_command(options, 0);
  wish.json = options.json;
  return run_gate(wish, places);
}

/// The experiment that a gate or --keep is about: a file of the person's, benchmarks, or commands.
Result<ExperimentText> subject_of(const CompareOptions& options, const AllPlaces& places) {
  if (!options.runs.empty()) {
    const auto file = plan::find_experiment(options.runs.front(), places.plan);
    if (!file) return file.error();
    auto text = record::read_file(*file);
    if (!text) return text.error();
    return ExperimentText{*std::move(text), file->string(), *file};
  }
  auto text = command_text(options);
  if (!text) return text.error();
  // The comparison is with the reference; commands among each other are another question.
  return ExperimentText{*std::move(text), "the comparison", {}};
}

int gate(const CompareOptions& options) {
  const AllPlaces places = find_places({});
  GateWish wish;
  wish.against = {.reference = options.against, .build = options.build, .margin = options.wishes.margin.value_or(0.01),
                  .precision = options.wishes.precision, .rounds = options.rounds, .budget_s = options.wishes.budget_s};
  wish.out = options.out;
  wish.json = options.json;
  wish.command_line = shown_command(options, options.commands.size());
  wish.command_line.insert(wish.command_line.begin() + 2, {"--against", fs::path(options.against).filename().string()});
  if (options.has_benchmarks()) {
    wish.benchmarks = benchmark_wishes(options);
    wish.texts = benchmark_texts(options);
    wish.experiment = {"", "the comparison", {}};
    wish.decided_by = "time_s";
    return run_gate(wish, places);
  }
  // What is built may not be there before the build: the gate itself looks for programs.
  auto subject = subject_of(options, places);
  if (!subject) return refuse(options, subject.error().message);
  wish.experiment = *std::move(subject);
  if (options.runs.empty()) wish.decided_by = "wall_s";
  // Beside the experiment's own runs these would be taken for its newest.
  if (!options.runs.empty() && wish.out.empty()) {
    const auto results = default_results();
    if (!results) return refuse(options, results.error().message);
    wish.out = (*results / "compare").string();
  }
  if (!options.runs.empty()) wish.resume_name = options.runs.front();
  return run_gate(wish, places);
}

int keep(const CompareOptions& options) {
  const AllPlaces places = find_places({});
  const auto subject = subject_of(options, places);
  if (!subject) return refuse(options, subject.error().message);
  const auto experiment = plan::parse_experiment(subject->text, subject->shown_name, subject->file, places.plan);
  if (!experiment) return refuse(options, experiment.error().message);
  const auto kept = keep_programs(*experiment, places);
  if (!kept) return refuse(options, kept.error().message);
  if (options.json) {
    OrderedJson list = OrderedJson::array();
    for (const std::string& line : *kept) list.push_back({{"sha256", line.substr(0, 64)}, {"name", line.substr(66)}});
    print(list);
  } else {
    for (const std::string& line : *kept) std::cout << line << '\n';
  }
  std::cerr << "compare with it: assay compare --against " << kept->front().substr(0, 12) << " …\n";
  return kDone;
}

int compare(const CompareOptions& options) {
  const auto kind = kind_of(options);
  if (!kind) return refuse(options, kind.error().message);
  switch (*kind) {
    case Compare::commands:
    case Compare::benchmarks: return compare_now(options);
    case Compare::stored_runs: return compare_stored_runs(options.runs[0], options.runs[1], options.out, options.json);
    case Compare::resumed: return resume(options);
    case Compare::gate: return gate(options);
    case Compare::keep: break;
  }
  return keep(options);
}

}  // namespace

void add_compare(CLI::App& app, Action& action, const std::vector<std::vector<std::string>>& commands) {
  auto options = std::make_shared<CompareOptions>();
  options->commands = commands;
  CLI::App* verb = app.add_subcommand("compare", "Compare programs, each execution in turn with the others'; or two stored runs");
  add_options(*verb, *options);
  verb->callback([&action, options] { action = [options] { return compare(*options); }; });
}

}  // namespace assay::cli
