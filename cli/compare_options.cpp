#include "cli/compare_options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>

#include "harness/run/command_line.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kFewestRounds = 10;    // METHODOLOGY: of commands
constexpr double kShortestRun_s = 3;

/// Seconds below which rounds are added; none where their number is given.
std::optional<double> shortest_s(const CompareOptions& options) {
  return options.rounds || options.min_s ? options.min_s : std::optional(kShortestRun_s);
}

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
                             shell_word(joined))};
  }
  return texts;
}

Result<double> number_from(const std::string& text, const std::string& what) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return Error{fmt::format("{} is '{}', which is no number", what, text)};
  return value;
}

Result<std::vector<Parameter>> parameters_of(const CompareOptions& options) {
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

Result<Done> read_statuses(const CompareOptions& options, CommandWishes& wishes) {
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

/// Options that only some comparisons have, and whether they were given.
using Given = std::vector<std::pair<bool, const char*>>;

/// The first that was given; empty if none was.
std::string first_of(std::initializer_list<Given> lists) {
  for (const Given& list : lists) {
    for (const auto& [is_given, name] : list) {
      if (is_given) return name;
    }
  }
  return "";
}

Given of_commands(const CompareOptions& options) {
  const CommandWishes& w = options.wishes;
  return {{!w.names.empty(), "--name"}, {w.warmup > 0, "--warmup"}, {!w.setup.empty(), "--setup"}, {!w.prepare.empty(), "--prepare"},
          {!w.cleanup.empty(), "--cleanup"}, {!w.shell.empty(), "--shell"}, {!w.input.empty(), "--input"}, {w.compare_output, "--output-equal"},
          {options.ignores_failure, "--ignore-failure"}, {!options.parameter_lists.empty(), "--parameter-list"},
          {!options.parameter_scans.empty(), "--parameter-scan"}};
}

Given of_command_tables(const CompareOptions& options) {
  return {{!options.export_markdown.empty(), "--export-markdown"}, {!options.export_csv.empty(), "--export-csv"}};
}

Given of_measuring(const CompareOptions& options) {
  return {{options.rounds.has_value(), "--rounds"}, {options.min_s.has_value(), "--min-time"}, {options.wishes.budget_s.has_value(), "--budget"},
          {options.wishes.precision.has_value(), "--precision"}, {options.wishes.margin.has_value(), "--margin"}};
}

Given of_verdicts(const CompareOptions& options) {
  return {{!options.fail_on.empty(), "--fail-on"}, {!options.export_json.empty(), "--export-json"}};
}

}  // namespace

void add_options(CLI::App& verb, CompareOptions& options) {
  CommandWishes& wishes = options.wishes;
  verb.add_option("runs", options.runs, "Two stored runs, to be described side by side; with --against, --keep or a gate's --resume one EXPERIMENT")->expected(0, 2);
  verb.add_option("-n,--name,--command-name", wishes.names, "Name of a command in the table, in their order (repeatable)")
      ->allow_extra_args(false);
  verb.add_option("-w,--warmup", wishes.warmup, "Executions of each command a round that aren't used")->check(CLI::Range(0, 1000));
  verb.add_option("-s,--setup", wishes.setup, "Before a command's first execution, untimed (once for all, or once for each)")->allow_extra_args(false);
  verb.add_option("-p,--prepare", wishes.prepare, "Before each execution, untimed (likewise)")->allow_extra_args(false);
  verb.add_option("-c,--cleanup", wishes.cleanup, "After the last execution, untimed (likewise)")->allow_extra_args(false);
  verb.add_option("-S,--shell", wishes.shell, "Let a shell read each command (without a value: /bin/sh)")
      ->expected(0, 1)
      ->default_str("/bin/sh");
  verb.add_flag("-N", options.no_shell, "No shell: the default here");
  verb.add_option("-L,--parameter-list", options.parameter_lists, "NAME a,b,c: {NAME} in a command stands for each value in turn")
      ->allow_extra_args(false);
  verb.add_option("-P,--parameter-scan", options.parameter_scans, "NAME FIRST LAST: likewise for numbers")->allow_extra_args(false);
  verb.add_option("-D,--parameter-step-size", options.parameter_step, "Step of --parameter-scan (1)");
  verb.add_option("-r,--rounds,--runs", options.rounds, "Rounds, in each of which every command runs twice (10, and as many more as 3 s hold)")
      ->check(CLI::Range(2, 100'000));
  verb.add_option("--min-time", options.min_s, "Least measuring time in seconds; rounds are added")->check(CLI::PositiveNumber);
  verb.add_option("--budget", wishes.budget_s, "Seconds; rounds are left out, down to 5")->check(CLI::PositiveNumber);
  verb.add_option("--precision", wishes.precision, "Wanted half-width of the ratio's interval, e.g. 0.01; rounds are added after a pilot");
  verb.add_option("--margin", wishes.margin, "Ratios nearer to 1 than this are called equivalent (0.01)");
  verb.add_option("--input", wishes.input, "File on standard input (default: nothing)");
  verb.add_flag("--output-equal", wishes.compare_output, "Standard output must equal the first command's");
  verb.add_option_function<std::string>("-i,--ignore-failure", [&options](const std::string& which) {
        options.ignores_failure = true;
        options.ignore_failure = which;
      }, "Any exit status is fine, or these: --ignore-failure=1,2")
      ->expected(0, 1)
      ->default_str("all");
  verb.add_option("--seed", wishes.seed, "Of the order of executions (1)");
  verb.add_option("--export-json", options.export_json, "Write the report as JSON");
  verb.add_option("--export-markdown", options.export_markdown, "Write the table as Markdown");
  verb.add_option("--export-csv", options.export_csv, "Write one row a command");
  verb.add_option("--google-benchmark", options.benchmarks.binaries, "Compare the benchmarks of this Google Benchmark executable, or of two (repeatable)")
      ->allow_extra_args(false);
  verb.add_option("--filter", options.benchmarks.filters, "Its benchmarks that match this regular expression; two filters are compared with each other")
      ->allow_extra_args(false);
  verb.add_option("--baseline", options.benchmarks.baseline, "The benchmark that the others are compared with (the first)");
  verb.add_option("--counter", options.benchmarks.counters, "List this user counter too, e.g. items_per_second (repeatable)")->allow_extra_args(false);
  verb.add_option("--benchmark-min-time", options.benchmarks.min_time_s, "Seconds that a benchmark measures in each process (0.05)")
      ->check(CLI::PositiveNumber);
  verb.add_option("--against", options.against, "A gate: is the working tree worse than this git revision, kept program or executable? Exit 0 no, 1 yes, 3 can't tell");
  verb.add_option("--build", options.build, "Run by /bin/sh in the revision's tree and in the working tree");
  verb.add_flag("--keep", options.keep, "Only keep the programs that the commands or the experiment name, for --against");
  verb.add_option("--out", options.out, "Folder that stands in for results/");
  verb.add_option("--resume", options.resume, "Go on with this interrupted run, from the same folder");
  verb.add_option("--fail-on", options.fail_on, "Exit 1 on a verdict on the running time: worse, inconclusive")
      ->delimiter(',')
      ->check(CLI::IsMember({"worse", "inconclusive"}));
  verb.add_flag("--json", options.json, "One JSON document on standard output");
  verb.footer("Options stand before the first `--`; a command is one argument, and the first is the baseline.\n"
               "Example: assay compare --warmup 1 -- 'sleep 0.020' -- 'sleep 0.021'");
}

Result<Compare> kind_of(const CompareOptions& options) {
  if (!options.runs.empty() && !options.commands.empty()) {
    return Error{fmt::format("'{}' stands before the first `--`, where options and RUNs stand; a command stands behind a `--` of its own: "
                             "assay compare -- 'cmd A' -- 'cmd B'", options.runs.front())};
  }
  const bool benchmarks = options.has_benchmarks();
  if (benchmarks && (!options.runs.empty() || !options.commands.empty())) {
    return Error{"--google-benchmark names what is compared; leave the rest out, or compare that alone"};
  }
  if (benchmarks || !options.runs.empty()) {
    if (const auto option = first_of({of_commands(options), of_command_tables(options)}); !option.empty()) {
      return Error{fmt::format("{} is for commands behind `--`; leave it out", option)};
    }
  }
  if (!benchmarks && (!options.benchmarks.filters.empty() || !options.benchmarks.baseline.empty() || !options.benchmarks.counters.empty())) {
    return Error{"--filter, --baseline and --counter choose among a Google Benchmark executable's; add --google-benchmark ./bench"};
  }
  if (options.against.empty() && !options.build.empty()) return Error{"--build builds what --against names; add --against, e.g. --against HEAD~1"};
  if (options.keep && (!options.against.empty() || benchmarks)) {
    return Error{"--keep keeps the programs of commands or of one experiment; leave the other options out"};
  }
  if (options.keep || !options.against.empty()) {
    if (options.runs.size() > 1) return Error{"--against and --keep take one experiment, or commands behind `--`"};
    if (!options.resume.empty()) return Error{"--resume goes on with a gate as it is; leave --against out"};
    if (options.runs.empty() && options.commands.empty() && !benchmarks) {
      return Error{"nothing to run; write a command behind a `--`, name an experiment, or a --google-benchmark executable: assay compare --against HEAD~1 -- './sort'"};
    }
    if (options.keep) return Compare::keep;
    if (const auto option = first_of({of_verdicts(options), of_command_tables(options), {{options.min_s.has_value(), "--min-time"}}}); !option.empty()) {
      return Error{fmt::format("{} isn't for a gate: its exit status says what it found, --json prints the report, and `assay report compare` writes its "
                               "files; leave it out", option)};
    }
    return Compare::gate;
  }
  if (options.runs.size() == 2) {
    const auto option = first_of({of_measuring(options), of_verdicts(options), {{!options.resume.empty(), "--resume"}}});
    if (!option.empty()) return Error{fmt::format("{} is for programs that are measured, and two stored runs were; leave it out", option)};
    return Compare::stored_runs;
  }
  if (!options.resume.empty()) {
    if (!options.commands.empty()) return Error{"--resume goes on with a run's own commands; leave out those behind `--`"};
    const auto option = first_of({{{benchmarks, "--google-benchmark"}}, of_commands(options), of_measuring(options)});
    if (!option.empty()) return Error{fmt::format("--resume goes on with a run as it was begun; leave {} out", option)};
    return Compare::resumed;
  }
  if (benchmarks) return Compare::benchmarks;
  if (options.runs.size() == 1) return Error{fmt::format("only one RUN, {}; name two, or commands: assay compare -- 'cmd A' -- 'cmd B'", options.runs.front())};
  if (options.commands.empty()) return Error{"there is nothing to compare; write commands, each behind a `--`: assay compare -- 'cmd A' -- 'cmd B', or two RUNs"};
  return Compare::commands;
}

Result<CommandWishes> command_wishes(const CompareOptions& options) {
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
  wishes.min_s = shortest_s(options);
  wishes.folder = folder_from_project();
  if (!wishes.input.empty() && !fs::is_regular_file(wishes.input)) return Error{fmt::format("--input {}: there is no such file", wishes.input)};
  return wishes;
}

GoogleBenchmarks benchmark_wishes(const CompareOptions& options) {
  GoogleBenchmarks wish = options.benchmarks;
  wish.folder = folder_from_project();
  wish.against = !options.against.empty();
  return wish;
}

BenchmarkTexts benchmark_texts(const CompareOptions& options) {
  BenchmarkTexts texts;
  texts.head = fmt::format("[experiment]\nname = \"compare\"\nseed = {}\n", options.wishes.seed);
  texts.presets = limits_of_comparisons();
  if (!options.against.empty()) return texts;
  texts.presets += fmt::format("[presets.quick]\nrounds = {}\n", options.rounds.value_or(kFewestRounds));
  if (const auto min_s = shortest_s(options)) texts.presets += fmt::format("min_s = {}\n", *min_s);
  if (options.wishes.budget_s) texts.presets += fmt::format("budget_s = {}\n", *options.wishes.budget_s);
  if (options.wishes.precision) texts.presets += fmt::format("precision_target = {}\n", *options.wishes.precision);
  if (options.wishes.margin) texts.presets += fmt::format("[metrics.time_s]\nmargin = {}\n", *options.wishes.margin);
  return texts;
}

std::vector<std::string> shown_command(const CompareOptions& options, std::size_t commands) {
  std::vector<std::string> words{"assay", "compare"};
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  words.push_back(fmt::format("({} commands)", commands));
  return words;
}

}  // namespace assay::cli
