#include "cli/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "cli/build.hpp"
#include "cli/control_pool.hpp"
#include "cli/machine_sheet.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "harness/plan/published.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/command_line.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

Result<run::RunRequest> make_request(Wish wish, const AllPlaces& places) {
  run::RunRequest request;
  if (!wish.plan.experiment.published.empty()) {
    auto text = record::read_file(wish.plan.experiment.published);
    if (!text) return text.error();
    auto published = plan::parse_published(*text, wish.plan.experiment.published.filename().string());
    if (!published) return published.error();
    request.published_text = *std::move(text);
    request.published = *std::move(published);
  }
  auto results = results_in(wish.out);
  if (!results) return results.error();
  request.results = *std::move(results);
  for (const auto& [name, place] : {std::pair(&wish.resume, &request.resume), std::pair(&wish.extend, &request.extend)}) {
    if (name->empty()) continue;
    auto folder = record::find_run(*name, request.results);
    if (!folder) return folder.error();
    *place = fs::absolute(*folder);
  }
  request.added_rounds = wish.added_rounds;
  request.command_line = std::move(wish.command_line);
  request.resume_with = std::move(wish.resume_with);
  request.assay = to_json(build());
  request.plan = std::move(wish.plan);
  auto machine = look_at_machine(places, true);
  if (!machine) return machine.error();
  request.machine = *std::move(machine);
  if (auto possible = run::check_placement(request.plan, request.machine); !possible) return possible.error();
  request.machine.facts["sheet"] = machine_sheet(request.machine, request.plan.peaks.empty() ? SheetWish::if_known : SheetWish::measured);
  return request;
}

}  // namespace

Result<fs::path> results_in(const std::string& out) {
  if (out.empty()) return default_results();
  return fs::absolute(out);
}

std::variant<Measured, int> measure(Wish wish, const AllPlaces& places) {
  const bool json = wish.json;
  const auto request = make_request(std::move(wish), places);
  if (!request) return complain(kUsage, request.error().message, json);
  Result<run::RunSummary> summary = Error{};
  {
    TerminalTrace trace;
    summary = run::run_experiment(*request, trace, interrupted());
  }
  if (!summary) return complain(request->resume.empty() && request->extend.empty() ? kOwnFailure : kUsage, summary.error().message, json);
  if (summary->failure && (summary->failure->own_failure || summary->stopped_by == "rehearsal")) {
    return complain(summary->failure->own_failure ? kOwnFailure : kUsage, summary->failure->message, json);
  }
  const auto record = record::read_run(summary->folder);
  if (!record) return complain(kOwnFailure, record.error().message, json);
  auto report = reports::project(*record);
  if (!report) return complain(kOwnFailure, report.error().message, json);
  remember_controls(*record, *report, [](const std::string& notice) { std::cerr << notice << '\n'; });
  report->experiment_word = run::experiment_word(request->plan.experiment);
  return Measured{*std::move(summary), *std::move(report)};
}

int status_of(const reports::Report& report, const std::vector<std::string>& fail_on, std::optional<int> skip_code) {
  if (report.failed() > 0) return kFailed;
  const auto gate = [&](std::string_view word) { return std::find(fail_on.begin(), fail_on.end(), word) != fail_on.end(); };
  const OrderedJson document = reports::to_json(report, "");
  for (const auto& hypothesis : document["hypotheses"]) {
    const std::string verdict = hypothesis["verdict"].is_string() ? hypothesis["verdict"].get<std::string>() : "inconclusive";
    if (gate(verdict)) return kFailed;
  }
  for (const auto& comparison : document["comparisons"]) {
    if (comparison["verdict"].is_string() && comparison["verdict"] == "worse" && gate("worse")) return kFailed;
  }
  if (skip_code && report.ran() == 0 && report.unsupported() > 0) return *skip_code;
  return kDone;
}

void tell_where(const Measured& measured) {
  const fs::path& folder = measured.summary.folder;
  if (measured.summary.stopped_by == "rehearsal") {
    std::cerr << fmt::format("assay: {} in the rehearsal, so nothing was measured; see above\n",
                             measured.report.failed() > 0 ? "every treatment failed" : "no treatment is supported on this machine");
  } else {
    const auto results = results_in("");
    const auto found = results ? record::find_run(folder.filename().string(), *results) : results;
    std::error_code ignored;
    const bool by_name = found && fs::equivalent(*found, folder, ignored);
    std::cerr << fmt::format("run folder: {}\nas files:   assay report {}\n", folder.string(),
                             by_name ? folder.filename().string() : shell_word(folder.string()));
  }
}

}  // namespace assay::cli
