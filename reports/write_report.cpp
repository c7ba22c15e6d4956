#include <fmt/format.h>

#include "harness/record/run_folder.hpp"
#include "reports/document.hpp"
#include "reports/drawing.hpp"
#include "reports/figure.hpp"
#include "reports/report.hpp"
#include "reports/report_files.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

/// What was drawn for an earlier state of the run must not stand beside today's numbers.
void remove_stale(const Written& written) {
  std::error_code ignored;
  for (const char* name : {"report.html", "report.pdf", "report.docx"}) fs::remove(written.folder / name, ignored);
  for (const FigureKind& kind : figure_kinds()) {
    for (const char* ending : {".gp", ".csv", ".svg", ".pdf"})
      fs::remove(written.folder / (std::string(kind.name) + ending), ignored);
  }
}

void draw_into(const Figure& figure, Written& written) {
  const auto drawn = draw(figure, written.folder);
  if (!drawn) {
    written.notices.push_back(fmt::format("no figure {}: {}", figure.name, drawn.error().message));
    return;
  }
  Written::FigureFiles& files = written.figures.back();
  const fs::path svg = written.folder / (figure.name + ".svg");
  const fs::path pdf = written.folder / (figure.name + ".pdf");
  if (fs::exists(svg)) files.svg = svg;
  if (fs::exists(pdf)) {
    files.pdf = pdf;
  } else {
    written.notices.push_back(fmt::format(
        "no figure {} as PDF: this gnuplot has no pdfcairo terminal; sudo apt install gnuplot-nox",
        figure.name));
  }
}

/// Its Markdown as the documents that were asked for.
void render(const Report& report, const Formats& formats, const fs::path& templates_folder,
            Written& written) {
  DocumentRequest request{.source = written.markdown,
                          .formats = {},
                          .templates_folder = templates_folder,
                          .title = report.experiment,
                          .running_text = report.folder_name,
                          .whole_report = true};
  if (formats.html) request.formats.push_back(DocumentFormat::html);
  if (formats.docx) request.formats.push_back(DocumentFormat::docx);
  if (formats.pdf) request.formats.push_back(DocumentFormat::pdf);
  const auto rendered = render_document(request);
  if (!rendered) {
    written.notices.push_back(rendered.error().message);
    return;
  }
  written.notices.insert(written.notices.end(), rendered->notices.begin(), rendered->notices.end());
  for (const fs::path& file : rendered->files) {
    auto& member = file.extension() == ".html"  ? written.html
                   : file.extension() == ".pdf" ? written.pdf
                                                : written.docx;
    member = written.folder / file.filename();
  }
}

}  // namespace

Result<Written> write_report(const record::RunRecord& run, const Report& report, const Formats& formats,
                             const fs::path& templates_folder) {
  const auto templates = Templates::open(templates_folder);
  if (!templates) return templates.error();
  const auto files = report_files(report, *templates);
  if (!files) return files.error();

  Written written;
  written.folder = run.folder / "report";
  std::error_code error;
  fs::create_directories(written.folder, error);
  if (error)
    return Error{fmt::format("{}: {}; a report is written into its run folder", written.folder.string(),
                             error.message())};
  remove_stale(written);
  for (const auto& [name, content] : *files) {
    if (const auto done = record::write_atomically(written.folder / name, content); !done) return done.error();
    if (name == "effects.csv") written.effects_csv = written.folder / name;
  }
  written.json = written.folder / "report.json";
  written.markdown = written.folder / "report.md";
  written.cells_csv = written.folder / "cells.csv";
  written.comparisons_csv = written.folder / "comparisons.csv";
  for (const Figure& figure : figures_of(report)) {
    written.figures.push_back({written.folder / (figure.name + ".gp"), written.folder / (figure.name + ".csv"), {}, {}});
    if (formats.figure) draw_into(figure, written);
  }
  if (formats.html || formats.pdf || formats.docx) render(report, formats, templates_folder, written);
  if (const auto done = note_written(written.folder); !done) return done.error();
  return written;
}

}  // namespace assay::reports
