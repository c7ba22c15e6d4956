// A run as a report: everything that is printed, rendered or written derives from this one value, and this
// value from the run folder alone.
//
//     const auto run = record::read_run(folder);
//     const Result<Report> report = project(*run);
//     std::cout << terminal_text(*report, 100, true);
//     const auto written = write_report(*run, *report, {.html = true}, templates_folder);
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"
#include "harness/record/run_record.hpp"
#include "reports/carry_over.hpp"
#include "reports/cells.hpp"
#include "reports/comparisons.hpp"
#include "reports/costs.hpp"
#include "reports/counters.hpp"
#include "reports/effects.hpp"
#include "reports/hypotheses.hpp"
#include "reports/ladder.hpp"
#include "reports/limits.hpp"
#include "reports/planned.hpp"
#include "reports/templates.hpp"
#include "reports/warnings.hpp"

namespace assay::reports {

inline constexpr int kReportSchema = 1;

struct Report {
  std::string folder_name;  // of the run: what files below it call it
  std::string experiment;
  std::string preset;
  std::string started;  // UTC, as the manifest has it; or empty
  std::string stopped_by;
  std::string assay;  // "0.1.0, commit 0123456"
  std::string experiment_sha256;
  std::string experiment_word;  // EXPERIMENT of the command line, as far as the folder knows it
  std::optional<std::int64_t> rounds_to_settle;
  int run_of_plan = 0;  // how many runs of this experiment the ledger lists, this one included; 0: unknown
  Planned planned;
  int elapsed_metric = -1;  // index into planned.metrics: what blocks time
  std::vector<Cell> cells;
  std::vector<Comparison> comparisons;
  std::vector<Effect> effects;  // of a factorial design
  std::vector<Control> controls;
  std::vector<HypothesisResult> hypotheses;
  std::vector<CarryOver> carry_over;
  std::vector<Ladder> ladders;
  std::vector<Limit> limits;  // the roofline's lines; empty without a [peak]
  std::vector<TailCurve> tail_curves;  // where percentiles were asked for
  std::vector<CounterValue> counters;
  std::vector<std::string> counter_lines;  // what their table leaves out, and why
  std::vector<Warning> warnings;
  Costs costs;
  std::string machine;
  std::string libraries;
  std::string inputs;  // files that answers depend on, with their hashes

  const Limit* peak() const;  // of floating point, the first that rode along; null without
  int ran() const;            // cells that are ok
  int unsupported() const;
  int failed() const;  // the rest: planned = ran + unsupported + failed
};

/// The projection: no I/O, no clock. An Error says which field of the manifest can't be used.
Result<Report> project(const record::RunRecord& run);

/// The document of `assay report --json`; `run_shown` is its field `run`.
OrderedJson to_json(const Report& report, std::string_view run_shown);

/// Aligned text for a terminal of `width` columns; colour only on request. Ends with the hypotheses'
/// sentences.
std::string terminal_text(const Report& report, int width, bool color);

/// The report in Markdown. An Error is a template's: a tag that doesn't exist, a partial that is missing.
Result<std::string> markdown(const Report& report, const Templates& templates);

/// A part of it: what the template `<part>.md` makes of the report ("body", all below the title;
/// "hypotheses", …), or of its `number`-th table or figure, from 1 (part "table", "figure"). `figure_files`
/// are what the figures' images link to, in their order.
Result<std::string> markdown_part(const Report& report, const Templates& templates, const std::string& part,
                                  int number, const std::vector<std::string>& figure_files);

std::string cells_csv(const Report& report);
std::string comparisons_csv(const Report& report);
std::string effects_csv(const Report& report);  // of a factorial design; else empty

/// Which files to make beside those that are always written (report.json, report.md, CSV, .gp).
struct Formats {
  bool html = true;
  bool figure = true;
  bool pdf = false;
  bool docx = false;
};

/// Files that were written, and what couldn't be made with the remedy: a missing pandoc costs the HTML, not
/// the report.
struct Written {
  struct FigureFiles {
    std::filesystem::path script, csv;
    std::optional<std::filesystem::path> svg, pdf;
  };
  std::filesystem::path folder;  // <run>/report
  std::filesystem::path json, markdown, cells_csv, comparisons_csv;
  std::optional<std::filesystem::path> effects_csv;
  std::vector<FigureFiles> figures;
  std::optional<std::filesystem::path> html, pdf, docx;
  std::vector<std::string> notices;
};

/// Writes <run>/report/…; Markdown, JSON, CSV and .gp are the same bytes wherever the folder stands.
Result<Written> write_report(const record::RunRecord& run, const Report& report, const Formats& formats,
                             const std::filesystem::path& templates_folder);

}  // namespace assay::reports
