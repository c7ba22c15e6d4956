// Runs a program of somebody else's (pandoc, gnuplot, git) and waits for it: no shell, its messages kept. The one
// file of this room that starts processes.
//
//     const auto answer = call_program({.words = {"git", "--version"}, .folder = here});
//     if (!answer) return answer.error();         // not installed, can't be started
//     if (answer->ok()) use(answer->output);
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

/// A program, and the bounds of its answer in time and size.
struct ProgramCall {
  std::vector<std::string> words;  // the first is found on PATH
  std::filesystem::path folder = {};
  std::filesystem::path input = {};                               // on standard input; empty: nothing
  std::optional<std::vector<std::string>> environment = {};       // "NAME=value", and nothing else; absent: ours
  double limit_s = 60;                                            // then it is killed, with what it started
  std::size_t most_bytes = 64 * 1024 * 1024;                      // of output; one that writes more is killed
  bool at_terminal = false;                                       // may ask the person there, and gets their Ctrl-C; else it has no terminal
};

struct ProgramAnswer {
  int status = 0;  // exit status, or 128 + signal
  bool timed_out = false;
  bool too_long = false;
  std::string output, messages;  // standard output and, of at most 64 KiB, standard error

  bool ok() const { return status == 0 && !timed_out && !too_long; }
  /// "git failed with status 128: fatal: …", in words that fit behind a colon.
  std::string failure(const std::string& name) const;
};

/// An Error names a program that can't be started; one that fails is an answer.
Result<ProgramAnswer> call_program(const ProgramCall& call);

/// Our environment as "NAME=value", without the variables whose names begin with one of `prefixes`.
std::vector<std::string> environment_without(const std::vector<std::string>& prefixes);

/// Of a program that writes files: runs `arguments` in `folder`, with SOURCE_DATE_EPOCH set unless it is already, so
/// that what it writes holds no date of today. Gives its standard output. The Error of one that can't be started ends
/// with `remedy`; that of one that failed with the last line of its messages.
Result<std::string> run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                                const std::string& remedy, std::chrono::seconds limit = std::chrono::minutes(5));

}  // namespace assay::reports
