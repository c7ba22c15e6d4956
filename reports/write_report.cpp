#include <fmt/format.h>

#include "harness/record/run_folder.hpp"
#include "reports/document.hpp"
#include "reports/drawing.hpp"
#include "reports/figure.hpp"
#include "reports/report.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

/// What was drawn for an earlier state of the run must not stand beside today's numbers.
void remove_stale(const Written& written) {
  std::error_code ignored;
  for (const char* name : {"report.html", "report.pdf", "report.docx", "ladder.svg", "ladder.pdf",
                           "comparison.svg", "comparison.pdf", "roofline.svg", "roofline.pdf"}) {
    fs::remove(written.folder / name, ignored);
  }
}

std::string json_text(const Report& report) {
  return to_json(report, report.folder_name).dump(2, ' ', false, OrderedJson::error_handler_t::replace) +
         "\n";
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
  const auto text = markdown(report, *templates);
  if (!text) return text.error();

  Written written;
  written.folder = run.folder / "report";
  std::error_code error;
  fs::create_directories(written.folder, error);
  if (error)
    return Error{fmt::format("{}: {}; a report is written into its run folder", written.folder.string(),
                             error.message())};
  remove_stale(written);
  const auto put = [&](const std::string& name, std::string_view content, fs::path& path) {
    path = written.folder / name;
    return record::write_atomically(path, content);
  };
  for (const auto& done :
       {put("report.json", json_text(report), written.json), put("report.md", *text, written.markdown),
        put("cells.csv", cells_csv(report), written.cells_csv),
        put("comparisons.csv", comparisons_csv(report), written.comparisons_csv)}) {
    if (!done) return done.error();
  }
  if (const std::string effects = effects_csv(report); !effects.empty()) {
    if (const auto done = put("effects.csv", effects, written.effects_csv.emplace()); !done)
      return done.error();
  }
  for (const Figure& figure : figures_of(report)) {
    Written::FigureFiles& files = written.figures.emplace_back();
    for (const auto& done : {put(figure.name + ".gp", figure.script, files.script),
                             put(figure.name + ".csv", figure.csv, files.csv)}) {
      if (!done) return done.error();
    }
    if (formats.figure) draw_into(figure, written);
  }
  if (formats.html || formats.pdf || formats.docx) render(report, formats, templates_folder, written);
  return written;
}

}  // namespace assay::reports
