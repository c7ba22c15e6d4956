// assay report: tables, figure, Markdown and HTML of runs, from their folders alone.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "cli/places.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> runs;
  std::string out;
  std::vector<std::string> to{"html"};
  bool json = false;
};

int report_one(const Options& options, const std::string& name, const AllPlaces& places) {
  const fs::path results = options.out.empty() ? default_results() : fs::absolute(options.out);
  const auto folder = record::find_run(name, results);
  if (!folder) return complain(kUsage, folder.error().message, options.json);
  const auto run = record::read_run(*folder);
  if (!run) return complain(kUsage, run.error().message, options.json);
  const auto report = reports::project(*run);
  if (!report) return complain(kUsage, report.error().message, options.json);
  if (options.json) {
    print(reports::to_json(*report, fs::absolute(*folder).string()));
    return kDone;
  }
  const bool html = std::find(options.to.begin(), options.to.end(), "html") != options.to.end();
  const auto written = reports::write_report(*run, *report, {html, true}, places.templates);
  if (!written) return complain(kOwnFailure, written.error().message, false);
  std::cout << reports::terminal_text(*report, terminal_width(), wants_color()) << '\n';
  for (const std::string& notice : written->notices) std::cerr << notice << '\n';
  std::cout << "Markdown: " << written->markdown.string() << '\n';
  if (written->html) std::cout << "HTML:     " << written->html->string() << '\n';
  if (written->svg) std::cout << "figure:   " << written->svg->string() << '\n';
  return kDone;
}

int report_verb(const Options& options) {
  const AllPlaces places = find_places({});
  if (options.json && options.runs.size() != 1) return complain(kUsage, "--json takes one RUN: standard output is one document", true);
  for (const std::string& name : options.runs) {
    if (const int status = report_one(options, name, places); status != kDone) return status;
  }
  return kDone;
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("report", "Tables, figure, Markdown and HTML of a run, from its folder alone");
  verb->add_option("run", options->runs, "A path, a unique prefix, an experiment's name (its newest run) or `latest`")->required();
  verb->add_option("--out", options->out, "Folder that stands in for results/ when a run is looked for");
  verb->add_option("--to", options->to, "Formats besides Markdown: html")->delimiter(',')->check(CLI::IsMember({"html", "md"}));
  verb->add_flag("--json", options->json, "The machine-readable result on standard output; writes no file");
  verb->footer("Example: assay report latest");
  verb->callback([&action, options] { action = [options] { return report_verb(*options); }; });
}

}  // namespace assay::cli
