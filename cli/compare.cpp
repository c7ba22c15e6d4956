// assay compare: any two or more programs, interleaved; or two stored runs, side by side.
#include "cli/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "cli/command_experiment.hpp"
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

constexpr int kFewestRounds = 10;    // METHODOLOGY: of commands
constexpr double kShortestRun_s = 3;

struct Options {
  std::vector<std::string> runs;                   // RUN RUN
  std::vector<std::vector<std::string>> commands;  // behind each `--`
  CommandWishes wishes;
  bool no_shell = false;
  std::vector<std::pair<std::string, std::string>> parameter_lists;                // name, values
  std::vector<std::tuple<std::string, std::string, std::string>> parameter_scans;  // name, first, last
  std::optional<double> parameter_step;
  std::optional<int> rounds;
  std::optional<double> min_s;
  std::string ignore_failure;                      // "all", or statuses
  bool ignores_failure = false;
  GoogleBenchmarks benchmarks;                     // no binaries: commands
  std::string against, build;
  bool keep = false;
  std::string resume;
  std::string out;
  std::string export_json, export_markdown, export_csv;
  std::vector<std::string> fail_on;
  bool json = false;
};

Result<std::vector<std::string>> command_texts(const std::vector<std::vector<std::string>>& groups) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& words = groups[i];
    if (words.size() == 1) {
      texts.push_back(words.front());
      continue;
    }
    if (words.empty()) return Error{fmt::format("nothing stands behind the {}. `--`; write a command there, in quotes: -- 'sleep 0.1'", i + 1)};
    std::string joined;
    for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
    return Error{fmt::format("behind the {}. `--` stand {} words, but a command is one argument; put it in quotes: -- {}", i + 1, words.size(),
                             run::shell_word(joined))};
  }
  return texts;
}

Result<double> number_from(const std::string& text, const std::string& what) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return Error{fmt::format("{} is '{}', which is no number", what, text)};
  return value;
}

Result<std::vector<Parameter>> parameters_of(const Options& options) {
  std::vector<Parameter> all;
  for (const auto& [name, values] : options.parameter_lists) {
    auto one = parameter_list(name, values);
    if (!one) return one.error();
    all.push_back(*std::move(one));
  }
  for (const auto& [name, from, to] : options.parameter_scans) {
    const auto first = number_from(from, fmt::format("--parameter-scan {}: its first value", name));
    if (!first) return first.error();
    const auto last = number_from(to, fmt::format("--parameter-scan {}: its last value", name));
    if (!last) return last.error();
    auto one = parameter_scan(name, *first, *last, options.parameter_step.value_or(1));
    if (!one) return one.error();
    all.push_back(*std::move(one));
  }
  return all;
}

Result<Done> read_statuses(const Options& options, CommandWishes& wishes) {
  if (!options.ignores_failure) return Done{};
  if (options.ignore_failure.empty() || options.ignore_failure == "all") {
    wishes.ignore_failure = true;
    return Done{};
  }
  const auto list = parameter_list("status", options.ignore_failure);
  if (!list) return Error{fmt::format("--ignore-failure={} holds an empty status; write e.g. --ignore-failure=1,2", options.ignore_failure)};
  for (const std::string& text : list->values) {
    const auto status = number_from(text, "--ignore-failure");
    if (!status || *status != std::floor(*status) || *status < 0 || *status > 255) {
      return Error{fmt::format("--ignore-failure={} is no exit status; write e.g. --ignore-failure=1,2, or --ignore-failure alone for all", text)};
    }
    wishes.fine_statuses.push_back(static_cast<int>(*status));
  }
  return Done{};
}

/// The folder in which commands run from the project's: relative, so that no path of the user lands in the record.
std::string folder_from_project() {
  const fs::path here = fs::current_path();
  for (fs::path folder = here;; folder = folder.parent_path()) {
    std::error_code failure;
    if (fs::is_regular_file(folder / "assay.toml", failure)) {
      const std::string below = here.lexically_relative(folder).string();
      return below == "." ? "" : below;
    }
    if (folder == folder.parent_path()) return "";
  }
}

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

/// The experiment that the command line stands for; of a resumed run the frozen one.
Result<std::string> text_of(const Options& options, std::vector<NamedCommand>& commands) {
  if (!options.resume.empty()) {
    if (!options.commands.empty()) return Error{"--resume goes on with a run's own commands; leave out those behind `--`"};
    const auto folder = record::find_run(options.resume, results_in(options.out));
    if (!folder) return folder.error();
    return record::read_file(*folder / "experiment.toml");
  }
  CommandWishes wishes = options.wishes;
  if (options.no_shell && !wishes.shell.empty()) return Error{"--shell and -N exclude each other; keep one"};
  auto texts = command_texts(options.commands);
  if (!texts) return texts.error();
  wishes.commands = *std::move(texts);
  auto parameters = parameters_of(options);
  if (!parameters) return parameters.error();
  wishes.parameters = *std::move(parameters);
  if (const auto read = read_statuses(options, wishes); !read) return read.error();
  wishes.rounds = options.rounds.value_or(kFewestRounds);
  wishes.min_s = options.min_s;
  if (!options.rounds && !options.min_s) wishes.min_s = kShortestRun_s;
  wishes.folder = folder_from_project();
  if (!wishes.input.empty() && !fs::is_regular_file(wishes.input)) return Error{fmt::format("--input {}: there is no such file", wishes.input)};
  auto named = named_commands(wishes);
  if (!named) return named.error();
  if (options.build.empty()) {  // else it may not be there yet
    if (const auto there = check_programs(*named, wishes); !there) return there.error();
  }
  if (wishes.shell.empty()) hint_at_shell(*named);
  if (wishes.compare_output && named->size() < 2) return Error{"--output-equal needs a second command, whose output is to be equal"};
  commands = *std::move(named);
  return experiment_text(commands, wishes);
}

Result<Done> write_exports(const Options& options, const Measured& measured) {
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

void note(const std::string& sentence) { std::cerr << "assay: " << sentence << '\n'; }

std::string first_given(std::span<const std::pair<bool, const char*>> options) {
  for (const auto& [is_given, name] : options) {
    if (is_given) return name;
  }
  return "";
}

/// The wishes that only commands have; empty if none was given.
std::string wish_of_commands(const Options& options) {
  const CommandWishes& w = options.wishes;
  const std::pair<bool, const char*> given[] = {{!w.names.empty(), "--name"}, {w.warmup > 0, "--warmup"}, {!w.setup.empty(), "--setup"},
      {!w.prepare.empty(), "--prepare"}, {!w.cleanup.empty(), "--cleanup"}, {!w.shell.empty(), "--shell"}, {!w.input.empty(), "--input"},
      {w.compare_output, "--output-equal"}, {options.ignores_failure, "--ignore-failure"}, {!options.parameter_lists.empty(), "--parameter-list"},
      {!options.parameter_scans.empty(), "--parameter-scan"}, {!options.export_markdown.empty(), "--export-markdown"},
      {!options.export_csv.empty(), "--export-csv"}};
  return first_given(given);
}

/// The wishes that say how to measure, or what to do with a verdict; empty if none was given.
std::string wish_of_measurements(const Options& options) {
  const std::pair<bool, const char*> given[] = {{!options.fail_on.empty(), "--fail-on"}, {options.rounds.has_value(), "--rounds"},
      {options.min_s.has_value(), "--min-time"}, {options.wishes.budget_s.has_value(), "--budget"}, {options.wishes.precision.has_value(), "--precision"},
      {options.wishes.margin.has_value(), "--margin"}, {!options.export_json.empty(), "--export-json"}, {!options.resume.empty(), "--resume"}};
  return first_given(given);
}

/// The wishes that a gate doesn't have; empty if none was given.
std::string wish_beside_gate(const Options& options) {
  const std::pair<bool, const char*> given[] = {{!options.export_json.empty(), "--export-json"}, {!options.export_markdown.empty(), "--export-markdown"},
      {!options.export_csv.empty(), "--export-csv"}, {!options.fail_on.empty(), "--fail-on"}, {options.min_s.has_value(), "--min-time"}};
  return first_given(given);
}

/// What the experiment of benchmarks begins and ends with.
BenchmarkTexts benchmark_texts(const Options& options) {
  BenchmarkTexts texts;
  texts.head = fmt::format("[experiment]\nname = \"compare\"\nseed = {}\n", options.wishes.seed);
  texts.presets = limits_of_comparisons();
  if (!options.against.empty()) return texts;
  texts.presets += fmt::format("[presets.quick]\nrounds = {}\n", options.rounds.value_or(kFewestRounds));
  const auto min_s = options.rounds ? options.min_s : std::optional(options.min_s.value_or(kShortestRun_s));
  if (min_s) texts.presets += fmt::format("min_s = {}\n", *min_s);
  if (options.wishes.budget_s) texts.presets += fmt::format("budget_s = {}\n", *options.wishes.budget_s);
  if (options.wishes.precision) texts.presets += fmt::format("precision_target = {}\n", *options.wishes.precision);
  if (options.wishes.margin) texts.presets += fmt::format("[metrics.time_s]\nmargin = {}\n", *options.wishes.margin);
  return texts;
}

/// As it can be shown to anybody: the commands themselves stand in the experiment file.
std::vector<std::string> shown_command(const Options& options, std::size_t commands) {
  std::vector<std::string> words{"assay", "compare"};
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  words.push_back(fmt::format("({} commands)", commands));
  return words;
}

GoogleBenchmarks benchmarks_of(const Options& options) {
  GoogleBenchmarks wish = options.benchmarks;
  wish.folder = folder_from_project();
  wish.against = !options.against.empty();
  return wish;
}

/// The verdicts of the running time; other metrics are told, and fail nobody.
int status_of(const Options& options, const reports::Report& report) {
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

int compare_commands(const Options& options) {
  const AllPlaces places = find_places({});
  std::vector<NamedCommand> commands;
  const bool benchmarks = !options.benchmarks.binaries.empty();
  const auto text = benchmarks ? benchmark_text(benchmarks_of(options), benchmark_texts(options), fs::current_path(), std::nullopt, interrupted(), note)
                               : text_of(options, commands);
  if (!text) return complain(kUsage, text.error().message, options.json);
  auto experiment = plan::parse_experiment(*text, "the comparison", {}, places.plan);
  if (!experiment) return complain(kUsage, experiment.error().message, options.json);
  if (experiment->against) {  // of a resumed gate
    GateWish wish;
    wish.experiment = {*text, "the gate", {}};
    if (experiment->title_name != "compare") {  // a file's: where it stands its commands run
      if (options.runs.empty()) {
        return complain(kUsage, fmt::format("this gate is over an experiment file, {}; name it too, because its commands run where it stands: "
                                            "assay compare --resume {} FILE", experiment->title_name, options.resume), options.json);
      }
      const auto file = plan::find_experiment(options.runs.front(), places.plan);
      if (!file) return complain(kUsage, file.error().message, options.json);
      const auto now = record::read_file(*file);
      if (!now || !text->starts_with(now->substr(0, now->find_last_not_of('\n') + 1))) {
        return complain(kUsage, fmt::format("{} isn't the file that this gate was started with, or has changed since; start the gate again", options.runs.front()), options.json);
      }
      wish.experiment = {*text, file->string(), *file};
      wish.resume_name = options.runs.front();
    } else if (!options.runs.empty()) {
      return complain(kUsage, fmt::format("the gate {} isn't over an experiment file; leave {} out", options.resume, options.runs.front()), options.json);
    }
    wish.decided_by = experiment->title_name != "compare" ? "" : experiment->runs_google_benchmark() ? "time_s" : "wall_s";
    wish.out = options.out;
    wish.resume = options.resume;
    wish.command_line = shown_command(options, 0);
    wish.json = options.json;
    return run_gate(wish, places);
  }
  if (!options.runs.empty()) return complain(kUsage, fmt::format("{} isn't a gate over an experiment file; leave {} out", options.resume, options.runs.front()), options.json);
  const auto preset = experiment->preset("quick");
  if (!preset) return complain(kUsage, preset.error().message, options.json);
  auto plan = plan::make_plan(*std::move(experiment), *preset);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
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

/// The experiment that a gate or --keep is about: a file of the person's, benchmarks, or commands.
Result<ExperimentText> subject_of(const Options& options, const AllPlaces& places) {
  if (!options.runs.empty()) {
    const auto file = plan::find_experiment(options.runs.front(), places.plan);
    if (!file) return file.error();
    auto text = record::read_file(*file);
    if (!text) return text.error();
    return ExperimentText{*std::move(text), file->string(), *file};
  }
  std::vector<NamedCommand> commands;
  auto text = text_of(options, commands);
  if (!text) return text.error();
  // The comparison is with the reference; commands among each other are another question.
  return ExperimentText{*std::move(text), "the comparison", {}};
}

int gate(const Options& options) {
  const AllPlaces places = find_places({});
  GateWish wish;
  wish.against = {.reference = options.against, .build = options.build, .margin = options.wishes.margin.value_or(0.01),
                  .precision = options.wishes.precision, .rounds = options.rounds, .budget_s = options.wishes.budget_s};
  wish.out = options.out;
  wish.json = options.json;
  wish.command_line = shown_command(options, options.commands.size());
  wish.command_line.insert(wish.command_line.begin() + 2, {"--against", fs::path(options.against).filename().string()});
  if (!options.benchmarks.binaries.empty()) {
    wish.benchmarks = benchmarks_of(options);
    wish.texts = benchmark_texts(options);
    wish.experiment = {"", "the comparison", {}};
    wish.decided_by = "time_s";
    return run_gate(wish, places);
  }
  // What is built may not be there before the build: the gate itself looks for programs.
  auto subject = subject_of(options, places);
  if (!subject) return complain(kUsage, subject.error().message, options.json);
  wish.experiment = *std::move(subject);
  if (options.runs.empty()) wish.decided_by = "wall_s";
  // Beside the experiment's own runs these would be taken for its newest.
  if (!options.runs.empty() && wish.out.empty()) wish.out = (default_results() / "compare").string();
  if (!options.runs.empty()) wish.resume_name = options.runs.front();
  return run_gate(wish, places);
}

int keep(const Options& options) {
  const AllPlaces places = find_places({});
  const auto subject = subject_of(options, places);
  if (!subject) return complain(kUsage, subject.error().message, options.json);
  const auto experiment = plan::parse_experiment(subject->text, subject->shown_name, subject->file, places.plan);
  if (!experiment) return complain(kUsage, experiment.error().message, options.json);
  const auto kept = keep_programs(*experiment, places);
  if (!kept) return complain(kUsage, kept.error().message, options.json);
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

int compare(const Options& options) {
  const auto refuse = [&](std::string_view why) { return complain(kUsage, why, options.json); };
  if (!options.runs.empty() && !options.commands.empty()) {
    return refuse(fmt::format("'{}' stands before the first `--`, where options and RUNs stand; a command stands behind a `--` of its own: "
                              "assay compare -- 'cmd A' -- 'cmd B'", options.runs.front()));
  }
  const bool benchmarks = !options.benchmarks.binaries.empty();
  if (benchmarks && (!options.runs.empty() || !options.commands.empty())) return refuse("--google-benchmark names what is compared; leave the rest out, or compare that alone");
  if (const std::string wish = benchmarks || !options.runs.empty() ? wish_of_commands(options) : ""; !wish.empty()) {
    return refuse(fmt::format("{} is for commands behind `--`; leave it out", wish));
  }
  if (!benchmarks && (!options.benchmarks.filters.empty() || !options.benchmarks.baseline.empty() || !options.benchmarks.counters.empty())) {
    return refuse("--filter, --baseline and --counter choose among a Google Benchmark executable's; add --google-benchmark ./bench");
  }
  if (options.against.empty() && !options.build.empty()) return refuse("--build builds what --against names; add --against, e.g. --against HEAD~1");
  if (options.keep && (!options.against.empty() || benchmarks)) return refuse("--keep keeps the programs of commands or of one experiment; leave the other options out");
  if (const std::string wish = options.against.empty() ? "" : wish_beside_gate(options); !wish.empty()) {
    return refuse(fmt::format("{} isn't for a gate: its exit status says what it found, --json prints the report, and `assay report compare` writes its files; "
                              "leave it out", wish));
  }
  if (options.keep || !options.against.empty()) {
    if (options.runs.size() > 1) return refuse("--against and --keep take one experiment, or commands behind `--`");
    if (!options.resume.empty()) return refuse("--resume goes on with a gate as it is; leave --against out");
    if (options.runs.empty() && options.commands.empty() && !benchmarks) {
      return refuse("nothing to run; write a command behind a `--`, name an experiment, or a --google-benchmark executable: assay compare --against HEAD~1 -- './sort'");
    }
    return options.keep ? keep(options) : gate(options);
  }
  if (benchmarks) return compare_commands(options);
  if (const std::string wish = options.runs.size() == 2 ? wish_of_measurements(options) : ""; !wish.empty()) {
    return refuse(fmt::format("{} is for programs that are measured, and two stored runs were; leave it out", wish));
  }
  if (options.runs.size() == 2) return compare_stored_runs(options.runs[0], options.runs[1], options.out, options.json);
  if (!options.resume.empty()) return compare_commands(options);
  if (options.runs.size() == 1) return refuse(fmt::format("only one RUN, {}; name two, or commands: assay compare -- 'cmd A' -- 'cmd B'", options.runs.front()));
  if (options.commands.empty() && options.resume.empty()) {
    return refuse("there is nothing to compare; write commands, each behind a `--`: assay compare -- 'cmd A' -- 'cmd B', or two RUNs");
  }
  return compare_commands(options);
}

}  // namespace

void add_compare(CLI::App& app, Action& action, const std::vector<std::vector<std::string>>& commands) {
  auto options = std::make_shared<Options>();
  options->commands = commands;
  CommandWishes& wishes = options->wishes;
  CLI::App* verb = app.add_subcommand("compare", "Compare programs, each execution in turn with the others'; or two stored runs");
  verb->add_option("runs", options->runs, "Two stored runs, to be described side by side; with --against, --keep or a gate's --resume one EXPERIMENT")->expected(0, 2);
  verb->add_option("-n,--name,--command-name", wishes.names, "Name of a command in the table, in their order (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("-w,--warmup", wishes.warmup, "Executions of each command a round that aren't used")->check(CLI::Range(0, 1000));
  verb->add_option("-s,--setup", wishes.setup, "Before a command's first execution, untimed (once for all, or once for each)")->allow_extra_args(false);
  verb->add_option("-p,--prepare", wishes.prepare, "Before each execution, untimed (likewise)")->allow_extra_args(false);
  verb->add_option("-c,--cleanup", wishes.cleanup, "After the last execution, untimed (likewise)")->allow_extra_args(false);
  verb->add_option("-S,--shell", wishes.shell, "Let a shell read each command (without a value: /bin/sh)")
      ->expected(0, 1)
      ->default_str("/bin/sh");
  verb->add_flag("-N", options->no_shell, "No shell: the default here");
  verb->add_option("-L,--parameter-list", options->parameter_lists, "NAME a,b,c: {NAME} in a command stands for each value in turn")
      ->allow_extra_args(false);
  verb->add_option("-P,--parameter-scan", options->parameter_scans, "NAME FIRST LAST: likewise for numbers")->allow_extra_args(false);
  verb->add_option("-D,--parameter-step-size", options->parameter_step, "Step of --parameter-scan (1)");
  verb->add_option("-r,--rounds,--runs", options->rounds, "Rounds, in each of which every command runs twice (10, and as many more as 3 s hold)")
      ->check(CLI::Range(2, 100'000));
  verb->add_option("--min-time", options->min_s, "Least measuring time in seconds; rounds are added")->check(CLI::PositiveNumber);
  verb->add_option("--budget", wishes.budget_s, "Seconds; rounds are left out, down to 5")->check(CLI::PositiveNumber);
  verb->add_option("--precision", wishes.precision, "Wanted half-width of the ratio's interval, e.g. 0.01; rounds are added after a pilot");
  verb->add_option("--margin", wishes.margin, "Ratios nearer to 1 than this are called equivalent (0.01)");
  verb->add_option("--input", wishes.input, "File on standard input (default: nothing)");
  verb->add_flag("--output-equal", wishes.compare_output, "Standard output must equal the first command's");
  verb->add_option_function<std::string>("-i,--ignore-failure", [options](const std::string& which) {
        options->ignores_failure = true;
        options->ignore_failure = which;
      }, "Any exit status is fine, or these: --ignore-failure=1,2")
      ->expected(0, 1)
      ->default_str("all");
  verb->add_option("--seed", wishes.seed, "Of the order of executions (1)");
  verb->add_option("--export-json", options->export_json, "Write the report as JSON");
  verb->add_option("--export-markdown", options->export_markdown, "Write the table as Markdown");
  verb->add_option("--export-csv", options->export_csv, "Write one row a command");
  verb->add_option("--google-benchmark", options->benchmarks.binaries, "Compare the benchmarks of this Google Benchmark executable, or of two (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("--filter", options->benchmarks.filters, "Its benchmarks that match this regular expression; two filters are compared with each other")
      ->allow_extra_args(false);
  verb->add_option("--baseline", options->benchmarks.baseline, "The benchmark that the others are compared with (the first)");
  verb->add_option("--counter", options->benchmarks.counters, "List this user counter too, e.g. items_per_second (repeatable)")->allow_extra_args(false);
  verb->add_option("--benchmark-min-time", options->benchmarks.min_time_s, "Seconds that a benchmark measures in each process (0.05)")
      ->check(CLI::PositiveNumber);
  verb->add_option("--against", options->against, "A gate: is the working tree worse than this git revision, kept program or executable? Exit 0 no, 1 yes, 3 can't tell");
  verb->add_option("--build", options->build, "Run by /bin/sh in the revision's tree and in the working tree");
  verb->add_flag("--keep", options->keep, "Only keep the programs that the commands or the experiment name, for --against");
  verb->add_option("--out", options->out, "Folder that stands in for results/");
  verb->add_option("--resume", options->resume, "Go on with this interrupted run, from the same folder");
  verb->add_option("--fail-on", options->fail_on, "Exit 1 on a verdict on the running time: worse, inconclusive")
      ->delimiter(',')
      ->check(CLI::IsMember({"worse", "inconclusive"}));
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Options stand before the first `--`; a command is one argument, and the first is the baseline.\n"
               "Example: assay compare --warmup 1 -- 'sleep 0.020' -- 'sleep 0.021'");
  verb->callback([&action, options] { action = [options] { return compare(*options); }; });
}

}  // namespace assay::cli
