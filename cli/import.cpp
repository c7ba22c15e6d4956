// assay import: results that were made elsewhere become a run, marked `imported` wherever they stand.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/build.hpp"
#include "cli/import_run.hpp"
#include "cli/measurement.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/core/printable.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/record/run_record.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  std::string name;
  std::vector<std::string> map;
  std::vector<std::string> baseline;
  std::string source, date, by;
  std::string question;
  std::string out;
  bool json = false;
};

/// What a message proposes to type, up to its --map words.
std::string typed(const Options& options) {
  std::string line = fmt::format("assay import {} --as {}", shell_word(printable(options.file, 400)), shell_word(printable(options.name, 200)));
  for (const std::string& word : options.baseline) line += " --baseline " + shell_word(printable(word, 200));
  const auto say = [&](std::string_view option, const std::string& value, std::string_view to_be_written) {
    line += fmt::format(" {} {}", option, value.empty() ? std::string(to_be_written) : shell_word(printable(value, 400)));
  };
  say("--source", options.source, "'WHAT MADE IT, ON WHICH MACHINE'");
  say("--date", options.date, "YYYY-MM-DD");  // no day, so that nobody pastes the line as it is
  say("--by", options.by, "'WHO RAN IT'");
  if (!options.out.empty()) say("--out", options.out, "");
  return line;
}

/// The command line as it can be shown to anybody: paths shortened to their last part.
std::vector<std::string> shown_command(const Options& options, const ImportWish& wish) {
  std::vector<std::string> words{"assay", "import", wish.file_name, "--as", options.name};
  for (const std::string& word : options.map) words.insert(words.end(), {"--map", printable(word, 400)});
  for (const std::string& word : options.baseline) words.insert(words.end(), {"--baseline", printable(word, 400)});
  words.insert(words.end(), {"--source", options.source, "--date", options.date, "--by", options.by});
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  return words;
}

OrderedJson document_of(const reports::Report& report, const ImportedRun& run, const fs::path& folder) {
  const OrderedJson whole = reports::to_json(report, folder.string());
  OrderedJson document;
  for (const char* field : {"schema", "run", "experiment"}) document[field] = whole[field];
  document["format"] = run.facts["format"];
  document["rows"] = run.facts["rows"];
  document["replicates"] = run.replicates.size();
  document["rounds"] = run.facts["rounds"];
  for (const char* field : {"planned", "ran", "unsupported", "failed", "cells", "warnings"}) document[field] = whole[field];
  return document;
}

int import_verb(const Options& options) {
  const auto bytes = read_import_file(options.file);
  if (!bytes) return complain(kUsage, bytes.error().message, options.json);
  const std::string shown = printable(options.file, 400);
  const auto table = read_table(*bytes, shown);
  if (!table) return complain(kUsage, table.error().message, options.json);
  const auto columns = read_map(*table, options.map, shown, typed(options));
  if (!columns) return complain(kUsage, columns.error().message, options.json);
  const ImportWish wish{.shown_name = shown, .file_name = kept_name(options.file), .name = options.name, .question = options.question, .baseline = options.baseline,
                        .source = options.source, .date = options.date, .by = options.by};
  const auto run = make_imported_run(*table, *columns, wish, *bytes);
  if (!run) return complain(kUsage, run.error().message, options.json);
  const auto results = results_in(options.out);
  if (!results) return complain(kUsage, results.error().message, options.json);
  const auto folder = write_imported_run(*run, wish, *bytes, *results, to_json(build()), shown_command(options, wish));
  if (!folder) return complain(kOwnFailure, folder.error().message, options.json);
  const auto record = record::read_run(*folder);
  if (!record) return complain(kOwnFailure, record.error().message, options.json);
  auto report = reports::project(*record);
  if (!report) return complain(kOwnFailure, report.error().message, options.json);
  if (options.json) {
    print(document_of(*report, *run, *folder));
  } else {
    std::cout << reports::terminal_text(*report, terminal_width(), wants_color());
  }
  const Measured done{.summary = {.folder = *folder, .stopped_by = "imported", .failure = {}}, .report = *std::move(report)};
  tell_where(done);
  return status_of(done.report, {}, std::nullopt);
}

}  // namespace

void add_import(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("import", "Results made elsewhere become a run, marked `imported` in every table");
  verb->add_option("file", options->file, "CSV, TSV, a JSON list of flat objects, JSON lines, or the JSON of Google Benchmark or hyperfine")->required();
  verb->add_option("--as", options->name, "Name of the experiment, and of its folder below results/")->required();
  verb->add_option("--map", options->map, "COLUMN=factor[:NAME] | metric:NAME:UNIT[:lower|higher] | replicate | round | outcome | reason | ignore (repeatable; one for each column)")
      ->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--baseline", options->baseline, "FACTOR=LEVEL that the others are compared with (repeatable)")->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--source", options->source, "What made the numbers, and on what machine");
  verb->add_option("--date", options->date, "When they were made: YYYY-MM-DD");
  verb->add_option("--by", options->by, "Who ran it");
  verb->add_option("--question", options->question, "What they answer, for the report");
  verb->add_option("--out", options->out, "Folder that stands in for results/");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer(
      "Example: assay import results.csv --as precision-sweep --map precision=factor --map latency_ms=metric:latency_s:ms \\\n"
      "           --map acc=metric:accuracy:% --map seed=replicate --map trial=round --baseline precision=fp32 \\\n"
      "           --source \"evaluate.py on the lab's A100\" --date 2026-11-20 --by \"Team X\"\n"
      "Without --map the message says what the columns look like, and proposes the line.\n"
      "Rows of one round were measured side by side: only they are paired, and only 5 rounds and more get a verdict.");
  verb->callback([&action, options] { action = [options] { return import_verb(*options); }; });
}

}  // namespace assay::cli
