// Programs that Assay runs untimed, beside what it measures: git, a build, the list of a Google Benchmark executable.
//
//     const auto ended = run_program({.words = {"git", "rev-parse", "HEAD"}, .folder = here}, interrupted());
//     if (!ended) return ended.error();                    // not installed, can't be started, interrupted
//     if (ended->ok()) use(ended->output);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

struct ProgramRun {
  std::vector<std::string> words;   // the first is found on PATH
  std::filesystem::path folder;
  double limit_s = 60;              // then it and its process group are killed
  std::filesystem::path log;        // takes both of its streams; empty: they are kept
};

struct ProgramEnd {
  int status = 0;                   // exit status, or 128 + signal
  bool timed_out = false;
  std::string output, messages;     // standard output and standard error, empty with a log
  bool ok() const { return status == 0 && !timed_out; }
};

/// Standard input is empty. An Error names the program that can't be started; a failing one is no Error.
Result<ProgramEnd> run_program(const ProgramRun& run, const run::InterruptFlag& interrupt);

/// The last `count` lines that aren't blank, each after "    | ".
std::string last_lines(const std::string& text, int count = 10);

/// "ended with status 2", "was killed by signal 9", "took longer than 60 s".
std::string how_it_ended(const ProgramEnd& ended, double limit_s);

}  // namespace assay::cli
