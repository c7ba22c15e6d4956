// `assay compare -- 'cmd A' -- 'cmd B'` as the experiment file that it stands for: the same rehearsal, run, record and report
// as for any other, and a file that can be kept, changed and run again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::cli {

/// A parameter of -L or -P: {name} in a command stands for each of its values in turn.
struct Parameter {
  std::string name;
  std::vector<std::string> values;
};
/// "threads" and "1,2,4"; an Error if a part is missing.
Result<Parameter> parameter_list(const std::string& name, const std::string& values);
/// "n", 1, 10 and a step > 0 (default 1): 1, 2, …, 10, at most 1,000 of them, printed in their shortest form.
Result<Parameter> parameter_scan(const std::string& name, double first, double last, double step);

/// What the command line says of the commands. `setup`, `prepare`, `cleanup` and `names` hold one for all commands or one for
/// each; empty: none.
struct CommandWishes {
  std::vector<std::string> commands{};  // as given, the baseline first
  std::vector<std::string> names{};   // one a command; the rest are named by their text
  std::vector<Parameter> parameters{};
  std::vector<std::string> setup{}, prepare{}, cleanup{};
  std::string shell{};                // empty: none, and a command is split into words
  std::string folder{};               // relative to that of the experiment; empty: there
  std::string input{};                // absolute, or relative to `folder`; empty: nothing on standard input
  int warmup = 0;
  bool compare_output = false;
  bool ignore_failure = false;
  std::vector<int> fine_statuses{};   // beside 0
  std::uint64_t seed = 1;
  int rounds = 10;
  std::optional<double> min_s = 3;
  std::optional<double> budget_s{};
  std::optional<double> precision{};  // half-width of the ratio's interval
  std::optional<double> margin{};     // of wall_s; default: the experiment's
};

/// One command with everything filled in.
struct NamedCommand {
  std::string name;                   // different from all others; one line, at most 60 bytes
  std::string text;                   // as given, parameters replaced
  std::vector<std::string> run, setup, prepare, cleanup;  // words, or one text for the shell
};

/// Parameters replaced, texts split, names made unique. An Error says which command and what to do.
Result<std::vector<NamedCommand>> named_commands(const CommandWishes& wishes);

/// [limits] of what is compared from the command line. Generous: whoever compares two builds of an hour's work means it; memory is nine tenths of
/// this machine's.
std::string limits_of_comparisons();

/// The text of the experiment file. An Error if a command is no UTF-8.
Result<std::string> experiment_text(const std::vector<NamedCommand>& commands, const CommandWishes& wishes);

}  // namespace assay::cli
