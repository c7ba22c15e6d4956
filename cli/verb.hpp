// What the verbs share: how one is added, what it may return, and how it speaks.
//
// One verb, one file: list.cpp defines add_list(), main.cpp calls it. A verb parses its own options, does its work
// through harness/ and reports/, and returns an exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"

namespace assay::cli {

/// Exit statuses of the command line.
enum Exit {
  kDone = 0,          // whatever the verdicts
  kFailed = 1,        // something measured failed, or a check or gate
  kUsage = 2,         // usage or bad input
  kInconclusive = 3,  // a gate that can't decide
  kOwnFailure = 4,    // Assay's own failure
};

/// Set by the chosen verb's callback; main runs it after parsing.
using Action = std::function<int()>;

void add_list(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_try(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_submit(CLI::App& app, Action& action);
void add_data(CLI::App& app, Action& action);
void add_import(CLI::App& app, Action& action);
void add_yardstick(CLI::App& app, Action& action);
/// `commands`: what stood behind the first `--`, if there was one.
void add_new(CLI::App& app, Action& action, const std::vector<std::vector<std::string>>& commands);
/// `commands`: what stood behind each `--` of the command line.
void add_compare(CLI::App& app, Action& action, const std::vector<std::vector<std::string>>& commands);

/// Prints one message for a person to standard error (and, with --json, one document {"error":…} to standard output).
int complain(int status, std::string_view message, bool json);

/// Prints one JSON document to standard output, indented, with a newline.
void print(const OrderedJson& document);

}  // namespace assay::cli
