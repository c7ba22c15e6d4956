// assay report: tables, figure, Markdown, HTML and PDF of runs, from their folders alone; or the blocks of a document.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <iostream>

#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/stored_run.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "reports/into.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> runs;
  std::string out;
  std::vector<std::string> to{"html"};
  std::string into;
  bool force = false;
  bool json = false;
};

int report_one(const Options& options, const std::string& name, const AllPlaces& places) {
  const auto results = results_in(options.out);
  if (!results) return complain(kUsage, results.error().message, options.json);
  const auto reported = read_stored(name, *results);
  if (!reported) return complain(kUsage, reported.error().message, options.json);
  const auto& [folder, run, report] = *reported;
  if (options.json) {
    print(reports::to_json(report, folder.string()));
    return kDone;
  }
  const auto wants = [&](const char* format) { return std::find(options.to.begin(), options.to.end(), format) != options.to.end(); };
  const auto written = reports::write_report(run, report, {.html = wants("html"), .figure = true, .pdf = wants("pdf")}, places.templates);
  if (!written) return complain(kOwnFailure, written.error().message, false);
  std::cout << reports::terminal_text(report, terminal_width(), wants_color()) << '\n';
  for (const std::string& notice : written->notices) std::cerr << notice << '\n';
  std::cout << "Markdown: " << written->markdown.string() << '\n';
  if (written->html) std::cout << "HTML:     " << written->html->string() << '\n';
  if (written->pdf) std::cout << "PDF:      " << written->pdf->string() << '\n';
  for (const auto& figure : written->figures) {
    if (figure.svg) std::cout << "figure:   " << figure.svg->string() << '\n';
  }
  return kDone;
}

std::string block_line(const std::string& file, const reports::FilledBlock& b) {
  const std::string where = fmt::format("{}:{}: {}", file, b.block.line, b.block.described());
  if (!b.report) return where + ": left, its run is not on the command line";
  return fmt::format("{}: {} from run {}", where, reports::name_of(b.state), b.report->folder_name);
}

OrderedJson into_json(const std::string& file, const reports::Into& into) {
  OrderedJson document{{"file", fs::absolute(file).string()}, {"blocks", OrderedJson::array()}, {"figures", OrderedJson::array()}};
  for (const reports::FilledBlock& b : into.blocks) {
    document["blocks"].push_back({{"line", b.block.line},
                                  {"kind", b.block.kind->name},
                                  {"number", b.block.kind->name == "table" || b.block.kind->name == "figure" ? OrderedJson(b.block.number) : OrderedJson()},
                                  {"state", reports::name_of(b.state)},
                                  {"experiment", b.report ? OrderedJson(b.report->experiment) : OrderedJson()},
                                  {"run", b.report ? OrderedJson(b.report->folder_name) : OrderedJson()}});
  }
  for (const fs::path& figure : into.figures) document["figures"].push_back(figure.string());
  return document;
}

int report_into(const Options& options, const AllPlaces& places) {
  const auto results = results_in(options.out);
  if (!results) return complain(kUsage, results.error().message, options.json);
  std::deque<StoredRun> runs;
  std::vector<const reports::Report*> reported;
  for (const std::string& name : options.runs) {
    auto one = read_stored(name, *results);
    if (!one) return complain(kUsage, one.error().message, options.json);
    std::error_code ignored;
    const bool twice = std::any_of(runs.begin(), runs.end(), [&](const StoredRun& r) { return fs::equivalent(r.folder, one->folder, ignored); });
    if (twice) continue;
    runs.push_back(*std::move(one));
    reported.push_back(&runs.back().report);
  }
  const auto into = reports::report_into(options.into, reported, places.templates, options.force);
  if (!into) return complain(kUsage, into.error().message, options.json);
  if (options.json) {
    print(into_json(options.into, *into));
    return kDone;
  }
  for (const reports::FilledBlock& block : into->blocks) std::cout << block_line(options.into, block) << '\n';
  for (const fs::path& figure : into->figures) std::cout << "figure:   " << figure.string() << '\n';
  return kDone;
}

int report_verb(const Options& options) {
  const AllPlaces places = find_places({});
  if (!options.into.empty()) return report_into(options, places);
  if (options.json && options.runs.size() != 1) return complain(kUsage, "--json takes one RUN: standard output is one document", true);
  for (const std::string& name : options.runs) {
    if (const int status = report_one(options, name, places); status != kDone) return status;
  }
  return kDone;
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("report", "Tables, figure, Markdown, HTML and PDF of a run, from its folder alone");
  verb->add_option("run", options->runs, "A path, a unique prefix, an experiment's name (its newest run) or `latest`")->required();
  verb->add_option("--out", options->out, "Folder that stands in for results/ when a run is looked for");
  CLI::Option* to = verb->add_option("--to", options->to, "Formats besides Markdown: html (the default), pdf")->delimiter(',')->check(CLI::IsMember({"html", "md", "pdf"}));
  CLI::Option* into = verb->add_option("--into", options->into, "Fills the marked blocks of this Markdown file instead; all else in it stays as it is")->excludes(to);
  verb->add_flag("--force", options->force, "With --into: overwrites blocks that were edited by hand, too")->needs(into);
  verb->add_flag("--json", options->json, "The machine-readable result on standard output, and no file written; with --into, the list of its blocks");
  verb->footer(
      "Example: assay report latest --to html,pdf\n"
      "         assay report latest --into report.md    with lines like these in report.md:\n"
      "           <!-- assay: begin table -->\n"
      "           <!-- assay: end table -->\n"
      "Blocks:  report, table, figure, hypotheses, controls, warnings, environment, provenance (docs/FORMAT.md)");
  verb->callback([&action, options] { action = [options] { return report_verb(*options); }; });
}

}  // namespace assay::cli
