// What `assay compare` was asked: its options, what they mean together, and the wishes that they stand for.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/command_experiment.hpp"
#include "cli/gate_run.hpp"
#include "cli/google_benchmarks.hpp"
#include "harness/core/result.hpp"

namespace assay::cli {

struct CompareOptions {
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

  bool has_benchmarks() const { return !benchmarks.binaries.empty(); }
};

/// The options as `verb` has them; both must live until the command line has been read.
void add_options(CLI::App& verb, CompareOptions& options);

/// What is to be done.
enum class Compare { commands, benchmarks, stored_runs, resumed, gate, keep };
/// An Error where the options contradict each other or would do nothing.
Result<Compare> kind_of(const CompareOptions& options);

/// The commands with all that holds for them. An Error says which option and what to do.
Result<CommandWishes> command_wishes(const CompareOptions& options);
GoogleBenchmarks benchmark_wishes(const CompareOptions& options);
/// What the experiment of benchmarks begins and ends with.
BenchmarkTexts benchmark_texts(const CompareOptions& options);

/// The command line as it can be shown to anybody: the commands themselves stand in the experiment file.
std::vector<std::string> shown_command(const CompareOptions& options, std::size_t commands);

}  // namespace assay::cli
