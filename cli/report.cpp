// assay report: tables, figure, Markdown, HTML and PDF of runs, from their folders alone; or the blocks of a document.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/document_runs.hpp"
#include "cli/filled.hpp"
#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/stored_run.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "reports/blocks.hpp"
#include "reports/document.hpp"
#include "reports/into.hpp"
#include "reports/report.hpp"
#include "reports/tex.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> runs;
  std::string out;
  std::vector<std::string> to;  // empty: HTML of a run, and nothing of a document
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
  const reports::Formats formats{.html = options.to.empty() || wants("html"), .figure = true, .pdf = wants("pdf"), .docx = wants("docx")};
  const auto written = reports::write_report(run, report, formats, places.templates);
  if (!written) return complain(kOwnFailure, written.error().message, false);
  std::optional<reports::WrittenTex> tex;
  if (wants("tex")) {
    auto done = reports::write_tex(report, run.folder / "report" / "tex");
    if (!done) return complain(kOwnFailure, done.error().message, false);
    tex = *std::move(done);
  }
  std::cout << reports::terminal_text(report, terminal_width(), wants_color()) << '\n';
  for (const std::string& notice : tex ? tex->notices : std::vector<std::string>()) std::cerr << notice << '\n';
  for (const std::string& notice : written->notices) std::cerr << notice << '\n';
  std::cout << "Markdown: " << written->markdown.string() << '\n';
  if (written->html) std::cout << "HTML:     " << written->html->string() << '\n';
  if (written->pdf) std::cout << "PDF:      " << written->pdf->string() << '\n';
  if (tex) std::cout << fmt::format("LaTeX:    {} (tables/, figures/, numbers.tex)\n", tex->folder.string());
  if (written->docx) std::cout << "DOCX:     " << written->docx->string() << '\n';
  for (const auto& figure : written->figures) {
    if (figure.svg) std::cout << "figure:   " << figure.svg->string() << '\n';
  }
  return kDone;
}

/// The filled document as the formats of --to, beside it.
Result<reports::RenderedDocument> render(const Options& options, const AllPlaces& places) {
  std::vector<reports::DocumentFormat> formats;
  for (const std::string& name : options.to) {
    if (const auto format = reports::document_format(name)) formats.push_back(*format);
  }
  if (formats.empty()) return reports::RenderedDocument();
  return reports::render_document({.source = options.into, .formats = std::move(formats), .templates_folder = places.templates});
}

int report_into(const Options& options, const AllPlaces& places) {
  const auto results = results_in(options.out);
  if (!results) return complain(kUsage, results.error().message, options.json);
  const auto runs = options.runs.empty() ? runs_of_document(options.into, *results) : runs_named(options.runs, *results);
  if (!runs) return complain(kUsage, runs.error().message, options.json);
  std::vector<const reports::Report*> reported;
  for (const StoredRun& run : *runs) reported.push_back(&run.report);
  const auto into = reports::report_into(options.into, reported, places.templates, options.force);
  if (!into) return complain(kUsage, into.error().message, options.json);
  const auto rendered = render(options, places);
  if (!rendered) return complain(kUsage, rendered.error().message, options.json);
  for (const std::string& notice : rendered->notices) std::cerr << notice << '\n';
  if (options.json) {
    print(into_json(options.into, *into, *rendered));
    return kDone;
  }
  tell_blocks(options.into, *into);
  for (const fs::path& document : rendered->files) std::cout << "document: " << document.string() << '\n';
  return kDone;
}

int report_verb(const Options& options) {
  const AllPlaces places = find_places({});
  if (!options.into.empty()) return report_into(options, places);
  if (options.runs.empty()) return complain(kUsage, "name a RUN, e.g. assay report latest; only with --into the document's blocks can name them", options.json);
  if (std::find(options.to.begin(), options.to.end(), "pptx") != options.to.end())
    return complain(kUsage, "--to pptx: slides are made of a document that you write; name it by --into slides.md", options.json);
  if (options.json && options.runs.size() != 1) return complain(kUsage, "--json takes one RUN: standard output is one document", true);
  for (const std::string& name : options.runs) {
    if (const int status = report_one(options, name, places); status != kDone) return status;
  }
  return kDone;
}

/// "report, table, …, and values in sentences".
std::string blocks_text() {
  std::string text;
  for (const reports::BlockKind& kind : reports::kBlockKinds) {
    if (!kind.of_plan) text += fmt::format("{}, ", kind.name);
  }
  return text + "and values in sentences";
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("report", "Tables, figure, Markdown, HTML and PDF of a run, from its folder alone");
  verb->add_option("run", options->runs, "A path, a unique prefix, an experiment's name (its newest run) or `latest`. With --into it may be left out: the runs that the blocks name");
  verb->add_option("--out", options->out, "Folder that stands in for results/ when a run is looked for");
  verb->add_option("--to", options->to, "Formats besides Markdown: html (of a run the default), pdf, docx, tex (of a run: tables, figures and numbers.tex for a paper); with --into also pptx, and the files stand beside FILE")
      ->delimiter(',')
      ->check(CLI::IsMember({"html", "md", "pdf", "docx", "pptx", "tex"}));
  CLI::Option* into = verb->add_option("--into", options->into, "Fills the marked blocks of this Markdown or LaTeX file instead; all else in it stays as it is");
  verb->add_flag("--force", options->force, "With --into: overwrites blocks that were edited by hand, too")->needs(into);
  verb->add_flag("--json", options->json, "The machine-readable result on standard output, and no file written; with --into, the list of its blocks");
  verb->footer(
      std::string("Example: assay report latest --to html,pdf\n") +
      "         assay report latest --into report.md    with lines like these in report.md:\n"
      "           <!-- assay: begin table -->\n"
      "           <!-- assay: end table -->\n"
      "         assay report latest --into report.md --to pdf,docx\n"
      "Blocks:  " +
      blocks_text() + " (docs/FORMAT.md)");
  verb->callback([&action, options] { action = [options] { return report_verb(*options); }; });
}

}  // namespace assay::cli
